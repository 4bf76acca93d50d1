#include "base/unicode.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace roe::unicode {
namespace {

TEST(Folding, Finds_the_same_word_in_any_case_of_any_script) {
    const std::vector<std::pair<std::string, std::string>> same = {
        {"Invoice", "iNVOICE"},
        {"Счёт № 5", "СЧЁТ № 5"},
        {"Straße", "STRASSE"},
        {"ΣΊΣΥΦΟΣ", "σίσυφος"},   // both sigmas
        {"İSTANBUL", "istanbul"}, // Turkish dotted capital
        {"ISPARTA", "ısparta"},   // Turkish dotless small
        {"Cafe\u0301", "CAFÉ"},   // a combining mark and a composed letter
        {"Ｆｕｌｌ　ｗｉｄｔｈ", "full width"},
        {"ﬁle", "FILE"},
        {"請求書", "請求書"},
        {"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"}, // composed and not
        {"I ❤️ mail", "i ❤ MAIL"},                    // with and without a variation selector
        {"in\u00ADvoice", "invoice"},                     // soft hyphen
        {"a\u00A0 \t b", "a b"},
        {" trimmed ", "trimmed"},
    };
    for (const auto &[a, b] : same)
        EXPECT_EQ(folded(a), folded(b)) << a << " / " << b;
}

TEST(Folding, Keeps_different_words_apart) {
    const std::vector<std::pair<std::string, std::string>> different = {
        {"счет", "счёт"}, {"cafe", "café"}, {"请求", "請求"}, {"👍", "👎"}, {"a b", "ab"}};
    for (const auto &[a, b] : different)
        EXPECT_NE(folded(a), folded(b)) << a << " / " << b;
}

TEST(Folding, Takes_any_bytes_and_gives_UTF_8) {
    std::string bytes;
    for (int i = 0; i < 1024; ++i)
        bytes += static_cast<char>(i * 7);
    EXPECT_TRUE(is_utf8(folded(bytes)));
    EXPECT_TRUE(is_utf8(folded_address(bytes)));
    EXPECT_TRUE(is_utf8(repaired(bytes)));
    EXPECT_EQ(folded(std::string("a\0b\xC3\xA9", 5)), "a b\xC3\xA9");
}

TEST(Folding, Of_a_million_combining_marks_takes_no_time) {
    std::string marks = "a";
    for (int i = 0; i < 500'000; ++i)
        marks += i % 2 == 0 ? "\u0327" : "\u0301";
    const auto start = std::chrono::steady_clock::now();
    EXPECT_LT(folded(marks).size(), 100U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Addresses, Are_the_same_in_any_case_composition_and_punycode) {
    EXPECT_EQ(folded_address("Ann@Example.ORG"), folded_address("ann@example.org"));
    EXPECT_EQ(folded_address("почта@пример.рф"), folded_address("ПОЧТА@ПРИМЕР.РФ"));
    EXPECT_EQ(folded_address("ann@xn--e1afmkfd.xn--p1ai"), folded_address("ann@пример.рф"));
    EXPECT_EQ(folded_address("XN--E1AFMKFD.xn--p1ai"), folded_address("Пример.РФ"));
    EXPECT_EQ(folded_address("jose\u0301@example.org"), folded_address("josé@example.org"));
    EXPECT_EQ(folded_address("ann@example.org."), folded_address("ann@example.org"));
}

TEST(Addresses, That_somebody_else_may_own_are_different) {
    EXPECT_NE(folded_address("straße@example.org"), folded_address("strasse@example.org"));
    EXPECT_NE(folded_address("a@straße.de"), folded_address("a@strasse.de"));
    EXPECT_NE(folded_address("bıll@example.org"), folded_address("bill@example.org"));
    EXPECT_NE(folded_address("BİLL@example.org"), folded_address("bill@example.org"));
    EXPECT_NE(folded_address("ａnn@example.org"), folded_address("ann@example.org"));
    EXPECT_NE(folded_address("аnn@example.org"), folded_address("ann@example.org")); // Cyrillic а
    EXPECT_NE(folded_address("an\u00ADn@example.org"), folded_address("ann@example.org"));
}

TEST(Repair, Replaces_what_is_not_UTF_8_and_nothing_else) {
    EXPECT_EQ(repaired("plain"), "plain");
    EXPECT_EQ(repaired("\xD0\x9F\xFF!"), "П\uFFFD!");
    EXPECT_EQ(repaired("\xC0\x80"), "\uFFFD\uFFFD");                     // overlong
    EXPECT_EQ(repaired("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");           // a surrogate
    EXPECT_EQ(repaired("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD"); // above U+10FFFF
    EXPECT_EQ(repaired("\xF0\x9F\x91"), "\uFFFD\uFFFD\uFFFD");           // cut
    EXPECT_EQ(repaired("👍"), "👍");
}

TEST(Beginning, Ends_between_characters) {
    EXPECT_EQ(beginning("Почта", 5), "По");
    EXPECT_EQ(beginning("Почта", 4), "По");
    EXPECT_EQ(beginning("👍", 3), "");
    EXPECT_EQ(beginning("short", 100), "short");
}

} // namespace
} // namespace roe::unicode
