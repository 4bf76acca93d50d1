#include "trigger/regular_expression.hpp"

#include <string>

#include <gmock/gmock.h>

namespace roe::trigger {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RegularExpression, Is_found_anywhere_in_any_case_and_script) {
    EXPECT_TRUE(RegularExpression("inv-\\d+").found_in("Your INV-17 is here"));
    EXPECT_TRUE(RegularExpression("заявк[аи]").found_in("Новая ЗАЯВКА"));
    EXPECT_TRUE(RegularExpression("^.{3}$").found_in("Жёю")) << "a character is no byte";
    EXPECT_FALSE(RegularExpression("^.{3}$").found_in("Жё"));
    EXPECT_TRUE(RegularExpression("\\p{Cyrillic}").found_in("abcд"));
    EXPECT_FALSE(RegularExpression("a.b").found_in("a\nb"));
    EXPECT_TRUE(RegularExpression("(?s)a.b").found_in("a\nb"));
}

TEST(RegularExpression, That_can_not_be_used_says_why_and_is_found_nowhere) {
    EXPECT_THAT(RegularExpression("a(b").fault(), HasSubstr("missing )"));
    EXPECT_THAT(RegularExpression("*").fault(), HasSubstr("repetition"));
    EXPECT_THAT(RegularExpression("(a)\\1").fault(), HasSubstr("escape")) << "references need backtracking";
    EXPECT_THAT(RegularExpression("(?=a)").fault(), Not(IsEmpty())) << "looking ahead, too";
    EXPECT_THAT(RegularExpression("\xff").fault(), HasSubstr("UTF-8"));
    EXPECT_FALSE(RegularExpression("a(b").found_in("a(b"));
    EXPECT_THAT(RegularExpression("ok").fault(), IsEmpty());
}

TEST(RegularExpression, That_would_grow_large_is_refused) {
    EXPECT_THAT(RegularExpression("((a{30}){30}){30}").fault(), Not(IsEmpty()));
    EXPECT_THAT(RegularExpression("\\pL{100}").fault(), Not(IsEmpty()));
    EXPECT_THAT(RegularExpression(std::string(2000, '(')).fault(), Not(IsEmpty()));
    EXPECT_THAT(RegularExpression("\\w{1,40}@\\w{1,40}").fault(), IsEmpty());
}

TEST(RegularExpression, Is_looked_for_in_the_first_256_KB) {
    EXPECT_TRUE(RegularExpression("x$").found_in(std::string((256 << 10) - 1, 'a') + "x"));
    EXPECT_FALSE(RegularExpression("x").found_in(std::string(256 << 10, 'a') + "x"));
    EXPECT_FALSE(RegularExpression("ж").found_in(std::string((256 << 10) - 1, 'a') + "ж")) << "not half of it";
}

// What takes a backtracking matcher ages is an instant here; a hang would be the test's failure.
TEST(RegularExpression, Is_not_held_up_by_a_text_made_for_it) {
    const std::string many(200'000, 'a');
    EXPECT_FALSE(RegularExpression("(a+)+$").found_in(many + "!"));
    EXPECT_FALSE(RegularExpression("(a|aa)*b").found_in(many));
    EXPECT_FALSE(RegularExpression("(a?){25}a{25}c").found_in(many));
}

} // namespace
} // namespace roe::trigger
