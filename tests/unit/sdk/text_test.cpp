#include <string>

#include <gtest/gtest.h>

#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/abi/text.hpp"

namespace {

using namespace orch::sdk;
using namespace orch::sdk::abi;

TEST(Utf8, Takes_what_the_standard_calls_well_formed_and_nothing_else) {
    for (const char *good : {"", "plain", "\xC2\x80", "\xD0\x9F\xD0\xB8", "\xE0\xA0\x80", "\xED\x9F\xBF",
                             "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "\xF0\x9F\x93\xA7 mail"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (const char *bad :
         {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xFFz", "\xF0\x9F\x93"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
    EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
}

TEST(Cut, Never_leaves_half_a_character) {
    const std::string text = "a\xD0\x9F\xF0\x9F\x93\xA7z"; // 1 + 2 + 4 + 1 bytes
    const std::size_t whole[] = {0, 1, 1, 3, 3, 3, 3, 7, 8, 8};
    for (std::size_t capacity = 0; capacity < 10; ++capacity) {
        EXPECT_EQ(cut(text, capacity).size(), whole[capacity]) << capacity;
        EXPECT_TRUE(is_utf8(cut(text, capacity)));
    }
}

TEST(ErrorText, Crosses_with_words_code_fields_and_advice) {
    Side side;
    ErrorText error;
    Failure failure = invalid({{"Imap", "Give a server."}, {"Password", "\xD0\x9F"}}, "not acceptable");
    failure.code = "some-code";
    failure.retry_after = std::chrono::seconds(5);
    const Failure back = error.failure(tell(error.c(), failure), side, "x.y");
    EXPECT_EQ(back.status, Status::invalid);
    EXPECT_EQ(back.words, "not acceptable");
    EXPECT_EQ(back.code, "some-code");
    EXPECT_EQ(back.fields, failure.fields);
    EXPECT_EQ(back.retry_after, std::chrono::seconds(5));
}

TEST(ErrorText, Cuts_words_that_are_too_long_and_drops_details_that_do_not_fit) {
    Side side;
    ErrorText error;
    std::string words(1023, 'w');
    words += "\xD0\x9F";
    const Failure back =
        error.failure(tell(error.c(), invalid({{"f", std::string(9000, 'm')}}, words)), side, "x.y");
    EXPECT_EQ(back.words, std::string(1023, 'w'));
    EXPECT_TRUE(back.fields.empty());
}

TEST(ErrorText, May_be_null_or_without_buffers_and_the_status_still_comes) {
    EXPECT_EQ(tell(nullptr, failed("x")), ORCH_E_FAILED);
    orch_error_t bare{};
    bare.struct_size = sizeof bare;
    EXPECT_EQ(tell(&bare, not_found("x")), ORCH_E_NOT_FOUND);
    EXPECT_EQ(bare.words_size, 0U);
}

} // namespace
