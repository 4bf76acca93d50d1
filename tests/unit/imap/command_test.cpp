#include "source/imap/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::imap {
namespace {

using testing::ElementsAre;

constexpr Dialect strict{};
constexpr Dialect small{.free_literals = Dialect::FreeLiterals::small, .utf8 = false};
constexpr Dialect any{.free_literals = Dialect::FreeLiterals::any, .utf8 = false};

TEST(Command, Strings_are_quoted) {
    EXPECT_THAT(Command("LOGIN", strict).string("ann").string("a\"b\\c d").pieces(),
                ElementsAre(R"(LOGIN "ann" "a\"b\\c d")"));
    EXPECT_THAT(Command("SELECT", strict).string("").pieces(), ElementsAre("SELECT \"\""));
}

TEST(Command, A_line_break_in_a_name_adds_no_command) {
    EXPECT_THAT(Command("LOGIN", strict).string("a\r\nA2 DELETE x").string("p").pieces(),
                ElementsAre("LOGIN {14}", "a\r\nA2 DELETE x \"p\""));
    EXPECT_THAT(Command("LOGIN", any).string("a\nb").string("p").pieces(),
                ElementsAre("LOGIN {3+}\r\na\nb \"p\""));
}

TEST(Command, NUL_is_never_sent) {
    EXPECT_FALSE(Command("LOGIN", any).string(std::string_view("a\0b", 3)).sendable());
    EXPECT_TRUE(Command("LOGIN", any).string("ab").sendable());
}

TEST(Command, Eight_bit_text_is_a_literal_until_UTF8_is_accepted) {
    EXPECT_THAT(Command("SELECT", strict).string("\xc3\xa4").pieces(), ElementsAre("SELECT {2}", "\xc3\xa4"));
    EXPECT_THAT(Command("SELECT", {.free_literals = {}, .utf8 = true}).string("\xc3\xa4").pieces(),
                ElementsAre("SELECT \"\xc3\xa4\""));
}

TEST(Command, Long_text_is_a_literal_and_a_small_one_goes_unasked) {
    EXPECT_EQ(Command("X", small).string(std::string(4096, 'a')).pieces().size(), 1U);
    EXPECT_EQ(Command("X", small).string(std::string(4097, 'a')).pieces().size(), 2U);
    EXPECT_EQ(Command("X", any).string(std::string(4097, 'a')).pieces().size(), 1U);
}

TEST(Command, Nothing_of_a_wiped_command_is_left) {
    Command command("LOGIN");
    command.string("ann").string("secret");
    command.wipe();
    EXPECT_THAT(command.pieces(), ElementsAre(""));
}

} // namespace
} // namespace roe::imap
