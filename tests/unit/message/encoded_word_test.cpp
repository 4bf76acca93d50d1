#include "message/encoded_word.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "message/header_field.hpp"

namespace roe::message {
namespace {

struct Spelling {
    const char *raw;
    const char *text;
};

TEST(EncodedWords, Are_decoded_as_RFC_2047_has_them) {
    // The table of RFC 2047 8, and what it says of blanks.
    const std::vector<Spelling> cases = {
        {"=?ISO-8859-1?Q?a?=", "a"},
        {"=?ISO-8859-1?Q?a?= b", "a b"},
        {"=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"},
        {"=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"},
        {"=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=", "ab"},
        {"=?ISO-8859-1?Q?a_b?=", "a b"},
        {"=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"},
        {"=?US-ASCII?Q?Keith_Moore?= and =?UTF-8?B?T2xsZSBKw6RybmVmb3Jz?=", "Keith Moore and Olle Järnefors"},
        {"=?utf-8*ru?Q?=D0=9F?=", "П"},
        {"plain", "plain"},
        {"", ""},
    };
    for (const auto &[raw, text] : cases)
        EXPECT_EQ(decoded_text(raw, {}), text) << raw;
}

TEST(EncodedWords, Next_to_each_other_are_joined_before_decoding) {
    // A character cut between two words, in Q and in B; a base64 group cut between two words.
    EXPECT_EQ(decoded_text("=?UTF-8?Q?=D0?= =?UTF-8?Q?=9F?=", {}), "П");
    EXPECT_EQ(decoded_text("=?utf-8?B?0A==?= =?UTF-8?B?nw==?=", {}), "П");
    EXPECT_EQ(decoded_text("=?UTF-8?B?0J/R?= =?UTF-8?B?gNC40LLQtdGC?=", {}), "Привет");
    EXPECT_EQ(decoded_text("=?UTF-8?B?0J/RgN?= =?UTF-8?B?C40LLQtdGC?=", {}), "Привет");
    EXPECT_EQ(decoded_text("=?ISO-2022-JP?B?GyRCRnxLXA==?=\r\n =?ISO-2022-JP?B?OGwbKEI=?=", {}), "日本語");
}

TEST(EncodedWords, That_are_broken_are_taken_as_they_were_meant) {
    const std::vector<Spelling> cases = {
        {"=?utf-8?Q?with blanks inside?=", "with blanks inside"},
        {"=?utf-8?B?0J/RgNC40LLQtdGC", "=?utf-8?B?0J/RgNC40LLQtdGC"},
        {"=?utf-8?B?0J/RgNC40LLQtdGC?", "=?utf-8?B?0J/RgNC40LLQtdGC?"},
        {"in=?utf-8?Q?=C3=A9?=side", "inéside"},
        {"\"=?utf-8?Q?=C3=A9?=\"", "\"é\""},
        {"=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=", "Привет"},
        {"=?utf-8?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"},        // Windows-1251 that says UTF-8
        {"=?unknown-8bit?Q?=F0=D2=C9=D7=C5=D4?=", "Привет"}, // KOI8-R
        {"=?us-ascii?B?z/Do4uXy?=", "Привет"},
        {"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
        {"=??Q?abc?=", "=??Q?abc?="},
        {"=?utf-8?Q?=4?=", "=4"},
        {"=?utf-8?Q?100=25?=", "100%"},
        {"=?utf-8?B?!!!!?=", ""},
        {"=?utf-8?B?0J8?=", "П"}, // without its padding
        {"=?=?utf-8?Q?a?=", "=?a"},
    };
    for (const auto &[raw, text] : cases)
        EXPECT_EQ(decoded_text(raw, {}), text) << raw;
}

TEST(Header, With_raw_8_bit_text_is_UTF_8_or_the_bodys_charset_or_a_guess) {
    EXPECT_EQ(decoded_text("Привет", {}), "Привет");
    EXPECT_EQ(decoded_text("Привет", "windows-1251"), "Привет");
    EXPECT_EQ(decoded_text("\xCF\xF0\xE8\xE2\xE5\xF2", {}), "Привет");
    EXPECT_EQ(decoded_text("\xF0\xD2\xC9\xD7\xC5\xD4", {}), "Привет");
    EXPECT_EQ(decoded_text("\xE9t\xE9", "iso-8859-1"), "été");
    EXPECT_EQ(decoded_text("\xE0\xE1", "iso-8859-7"), "ΰα");
    EXPECT_EQ(decoded_text("\x1b$BF|K\\8l\x1b(B", {}), "日本語");
}

TEST(Header, Is_one_line_without_control_characters) {
    EXPECT_EQ(decoded_text(" a\r\n\tb\n c ", {}), "a b c");
    EXPECT_EQ(decoded_text("=?utf-8?Q?a=0D=0ABcc:_b=00c?=", {}), "a  Bcc: b c");
    EXPECT_EQ(decoded_text(std::string_view("a\0b", 3), {}), "a b");
}

TEST(Header, Is_split_leniently) {
    const auto fields =
        split_header("From someone Mon Jan 1\r\nSubject: one\r\n two\nrubbish\r\n more\r\nX-Blank : v\r\n"
                     "X-Empty:\r\n\r\nBody: no\r\n");
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[0].name, "Subject");
    EXPECT_EQ(unfolded(fields[0].raw), "one two");
    EXPECT_EQ(fields[1].name, "X-Blank");
    EXPECT_EQ(unfolded(fields[1].raw), "v");
    EXPECT_EQ(unfolded(fields[2].raw), "");
    EXPECT_TRUE(split_header("").empty());
    EXPECT_TRUE(split_header("\n").empty());
    EXPECT_TRUE(split_header(" folded from nothing").empty());
}

} // namespace
} // namespace roe::message
