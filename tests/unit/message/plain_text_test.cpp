#include "message/plain_text.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace roe::message {
namespace {

TEST(Flowed, Text_goes_on_where_a_line_ends_in_a_blank) {
    const std::vector<std::pair<const char *, const char *>> cases = {
        {"one \ntwo\nthree\n", "one two\nthree\n"},
        {" stuffed\n>not \n>flowing\n", "stuffed\n> not flowing\n"},
        {"> one \n> two\n>> deeper \n>> too\nback\n", "> one two\n>> deeper too\nback\n"},
        {"flows \n> into a quote\n", "flows \n> into a quote\n"},
        {"text\n-- \nsignature\n", "text\n-- \nsignature\n"},
        {" From me\n", "From me\n"},
        {"ends flowing ", "ends flowing "},
        {"", ""},
        {"\n\n", "\n\n"},
    };
    for (const auto &[flowed, text] : cases)
        EXPECT_EQ(unflowed(flowed, false), text) << flowed;
    EXPECT_EQ(unflowed("日本 \n語\n", true), "日本語\n");
}

TEST(Text, Has_LF_line_ends_and_no_NUL) {
    ContentFields content;
    EXPECT_EQ(read_text(std::string_view("a\r\nb\rc\nd\0e", 10), content).text, "a\nb\nc\nde");
}

TEST(Text, Of_HTML_is_in_the_charset_that_its_meta_names) {
    ContentFields content;
    content.type = "text/html";
    EXPECT_EQ(read_text("<meta charset='koi8-r'>\xF0", content).text, "<meta charset='koi8-r'>П");
    EXPECT_EQ(meta_charset("<META http-equiv=Content-Type content=\"text/html; charset=Windows-1251\">"),
              "Windows-1251");
    EXPECT_EQ(meta_charset("<p>charset=x</p>"), "");
    EXPECT_EQ(meta_charset("<meta charset="), "");
    content.charset = "windows-1251"; // the part's own word counts
    EXPECT_EQ(read_text("<meta charset=koi8-r>\xCF", content).text, "<meta charset=koi8-r>П");
}

} // namespace
} // namespace roe::message
