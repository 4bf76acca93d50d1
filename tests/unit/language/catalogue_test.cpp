#include "language/catalogue.hpp"

#include <array>

#include <gtest/gtest.h>

namespace {

using roe::language::Catalogue;
using roe::language::Entry;

constexpr auto entries = std::to_array<Entry>({
    {"is required", "обязательное поле"},
    {"{0} mails are there", "Писем: {0}"},
    {"{0} mails are there, {1} of them unread", "Писем: {0}, из них непрочитанных: {1}"},
    {"From is {0}, none of: {1}", "Искали: {1}; отправитель — {0}"},
    {"connecting to {0}", "подключение к {0}"},
    {"no answer in time", "нет ответа вовремя"},
    {"Check the port.", "Проверьте порт."},
    {"Check the name ({0}).", "Проверьте имя ({0})."},
    {"Started once more: {0:t}", "Запущено ещё раз: {0}"},
    {"trusted by its fingerprint", "доверие по отпечатку"},
    {"the certificate is for another host: {0}", "сертификат для другого узла: {0}"},
    {"{0} took too long", "{0}: слишком долго"},
});

const Catalogue catalogue{entries};

TEST(Catalogue, Translates_a_sentence_and_leaves_what_it_does_not_know) {
    EXPECT_EQ(catalogue.translate("is required"), "обязательное поле");
    EXPECT_EQ(catalogue.translate("is required by law"), "is required by law");
    EXPECT_EQ(catalogue.translate(""), "");
}

TEST(Catalogue, What_stands_in_a_hole_stays_and_may_change_its_place) {
    EXPECT_EQ(catalogue.translate("17 mails are there"), "Писем: 17");
    EXPECT_EQ(catalogue.translate("17 mails are there, 3 of them unread"), "Писем: 17, из них непрочитанных: 3")
        << "the sentence that says most fits best";
    EXPECT_EQ(catalogue.translate("From is no answer in time, none of: {0}"),
              "Искали: {0}; отправитель — no answer in time")
        << "what others have written is neither translated nor a hole";
}

TEST(Catalogue, An_empty_hole_is_none) {
    EXPECT_EQ(catalogue.translate(" mails are there"), " mails are there");
    EXPECT_EQ(catalogue.translate("connecting to "), "connecting to ");
}

TEST(Catalogue, A_hole_may_hold_words_of_ours) {
    EXPECT_EQ(catalogue.translate("Started once more: From is a, none of: b"),
              "Запущено ещё раз: Искали: b; отправитель — a");
}

TEST(Catalogue, Takes_what_is_put_together_sentence_by_sentence) {
    EXPECT_EQ(catalogue.translate("Check the port. Check the name (a. b)."),
              "Проверьте порт. Проверьте имя (a. b).");
    EXPECT_EQ(catalogue.translate("Check the port. Check the name (a)."), "Проверьте порт. Проверьте имя (a).");
    EXPECT_EQ(catalogue.translate("TLSv1.3; trusted by its fingerprint"), "TLSv1.3; доверие по отпечатку");
}

TEST(Catalogue, Takes_a_report_apart_into_what_was_done_and_what_came_of_it) {
    EXPECT_EQ(catalogue.translate("connecting to a:993: no answer in time"),
              "подключение к a:993: нет ответа вовремя");
    EXPECT_EQ(catalogue.translate("opening a: the certificate is for another host: b: c"),
              "opening a: сертификат для другого узла: b: c");
    EXPECT_EQ(catalogue.translate("connecting to a: no answer in time. Check the port. Check the name (b)."),
              "подключение к a: нет ответа вовремя. Проверьте порт. Проверьте имя (b).");
}

TEST(Catalogue, Hostile_text_costs_no_more_than_its_length) {
    std::string nested;
    for (int i = 0; i < 1000; ++i)
        nested += "Started once more: ";
    EXPECT_TRUE(catalogue.translate(nested).ends_with("Started once more: "));
    const std::string long_text(1U << 20U, ';');
    EXPECT_EQ(catalogue.translate(long_text), long_text);
    std::string separators;
    for (int i = 0; i < 1000; ++i)
        separators += ". ; : ";
    EXPECT_EQ(catalogue.translate(separators), separators);
}

TEST(Catalogue, A_hole_that_is_none_is_our_own_mistake) {
    for (const auto *text : {"{x}", "{12}", "{0", "{0:u}"}) {
        const std::array<Entry, 1> broken{{{text, "a"}}};
        EXPECT_THROW(Catalogue{broken}, std::invalid_argument) << text;
    }
}

TEST(Catalogue, The_Russian_one_is_sound) {
    EXPECT_EQ(roe::language::russian().translate("is required"), "обязательное поле");
}

} // namespace
