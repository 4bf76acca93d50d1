#include "ledger/sql/storable.hpp"

#include <gtest/gtest.h>

namespace roe::ledger::sql {
namespace {

TEST(Storable, Valid_text_stays_as_it_is) {
    for (const std::string text : {"", "plain", "eight ch", "Счёт 汉字 \xF0\x9F\x93\xA7", "a\x01\x7F\t\n"})
        EXPECT_EQ(storable(text), text);
}

TEST(Storable, Every_byte_that_can_not_be_kept_is_replaced) {
    const std::string mark = "\uFFFD";
    EXPECT_EQ(storable(std::string("a\0b", 3)), "a" + mark + "b");
    EXPECT_EQ(storable("\xC3"), mark) << "cut";
    EXPECT_EQ(storable("\xC3("), mark + "(") << "no continuation";
    EXPECT_EQ(storable("\x80"), mark) << "continuation alone";
    EXPECT_EQ(storable("\xC0\x80"), mark + mark) << "overlong";
    EXPECT_EQ(storable("\xE0\x80\x80"), mark + mark + mark) << "overlong";
    EXPECT_EQ(storable("\xED\xA0\x80"), mark + mark + mark) << "surrogate";
    EXPECT_EQ(storable("\xF4\x90\x80\x80"), mark + mark + mark + mark) << "above U+10FFFF";
    EXPECT_EQ(storable("\xF5\x80\x80\x80"), mark + mark + mark + mark);
}

TEST(Storable, A_bad_byte_is_found_wherever_it_stands) {
    for (std::size_t place = 0; place < 40; ++place) {
        std::string text(40, 'x');
        text[place] = '\0';
        EXPECT_EQ(storable(text), std::string(place, 'x') + "\uFFFD" + std::string(39 - place, 'x'));
        text[place] = '\xFF';
        EXPECT_EQ(storable(text), std::string(place, 'x') + "\uFFFD" + std::string(39 - place, 'x'));
    }
}

} // namespace
} // namespace roe::ledger::sql
