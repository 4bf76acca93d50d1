#include "message/charset.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <iconv.h>

#include "base/unicode.hpp"

namespace roe::message {
namespace {

std::string encoded(std::string text, const char *charset) {
    iconv_t handle = iconv_open(charset, "UTF-8");
    std::string bytes(text.size() * 4 + 16, '\0');
    char *in = text.data();
    char *out = bytes.data();
    std::size_t in_left = text.size();
    std::size_t out_left = bytes.size();
    EXPECT_EQ(iconv(handle, &in, &in_left, &out, &out_left), 0U) << charset;
    iconv(handle, nullptr, nullptr, &out, &out_left);
    iconv_close(handle);
    bytes.resize(bytes.size() - out_left);
    return bytes;
}

const std::string russian = "Уважаемые коллеги, высылаем вам счёт на оплату";

TEST(Charset, Named_rightly_is_converted) {
    const std::vector<std::pair<const char *, std::string>> cases = {
        {"KOI8-R", russian},
        {"windows-1251", russian},
        {"cp866", russian},
        {"ISO-8859-5", russian},
        {"KOI8-U", "Ґанок і їжа"},
        {"iso-8859-2", "Žluťoučký kůň"},
        {"ISO-8859-15", "10 €"},
        {"windows-1252", "“quoted” – 5 €"},
        {"Shift_JIS", "日本語"},
        {"EUC-JP", "日本語"},
        {"ISO-2022-JP", "日本語 abc"},
        {"GB18030", "简体中文"},
        {"Big5", "繁體中文"},
        {"EUC-KR", "한국어"},
        {"UTF-16LE", "wide"},
        {"UTF-7", "Grüße"},
        {"TIS-620", "ภาษาไทย"},
    };
    for (const auto &[charset, text] : cases) {
        const Converted result = to_utf8(encoded(text, charset), charset);
        EXPECT_EQ(result.text, text) << charset;
        EXPECT_FALSE(result.guessed) << charset;
        EXPECT_FALSE(result.damaged) << charset;
    }
}

TEST(Charset, Has_names_that_iconv_does_not_know) {
    for (const char *name :
         {"cp1251", "CP-1251", "win-1251", "windows1251", "x-cp1251", "\"windows-1251\"", "windows-1251*ru"}) {
        EXPECT_EQ(to_utf8(encoded(russian, "CP1251"), name).text, russian) << name;
    }
    EXPECT_EQ(to_utf8(encoded("中文", "GB18030"), "gb2312").text, "中文");
    EXPECT_EQ(to_utf8(encoded("한글", "CP949"), "ks_c_5601-1987").text, "한글");
}

TEST(Charset, That_is_Latin_1_is_read_as_Windows_1252_which_senders_mean) {
    EXPECT_EQ(to_utf8("\x93quoted\x94", "iso-8859-1").text, "“quoted”");
}

TEST(Charset, Missing_is_guessed) {
    for (const char *charset : {"UTF-8", "CP1251", "KOI8-R", "CP866", "ISO-8859-5"}) {
        for (const std::string &text : {russian, std::string("Привет"), std::string("СЧЁТ НА ОПЛАТУ"),
                                        std::string("Re: Отчёт за март 2026.xlsx")}) {
            const Converted result = to_utf8(encoded(text, charset), "");
            EXPECT_EQ(result.text, text) << charset;
            EXPECT_TRUE(result.guessed) << charset;
        }
    }
    EXPECT_EQ(to_utf8(encoded("Grüße aus Österreich, déjà vu", "CP1252"), "").text,
              "Grüße aus Österreich, déjà vu");
    EXPECT_EQ(to_utf8(encoded("日本語のメール", "ISO-2022-JP"), "").text, "日本語のメール");
    EXPECT_FALSE(to_utf8("plain ASCII", "").guessed);
}

TEST(Charset, Named_wrongly_is_guessed) {
    EXPECT_EQ(to_utf8(russian, "us-ascii").text, russian);
    EXPECT_EQ(to_utf8(russian, "windows-1251").text, russian) << "UTF-8 that says it is Windows-1251";
    EXPECT_EQ(to_utf8(russian, "iso-8859-1").text, russian);
    EXPECT_EQ(to_utf8(encoded(russian, "CP1251"), "utf-8").text, russian);
    EXPECT_EQ(to_utf8(encoded(russian, "KOI8-R"), "us-ascii").text, russian);
    EXPECT_EQ(to_utf8(encoded(russian, "KOI8-R"), "unknown-8bit").text, russian);
    EXPECT_EQ(to_utf8(encoded(russian, "CP1251"), "no-such-charset").text, russian);
}

TEST(Charset, Of_a_damaged_text_is_kept_and_the_damage_told) {
    const Converted cut = to_utf8(russian.substr(0, russian.size() - 1), "utf-8");
    EXPECT_TRUE(cut.damaged);
    EXPECT_TRUE(cut.text.starts_with("Уважаемые"));
    EXPECT_TRUE(to_utf8("\x81\x20", "shift_jis").damaged);
}

TEST(Charset, Takes_any_bytes_under_any_name_and_gives_UTF_8) {
    std::string bytes;
    for (int i = 0; i < 4096; ++i)
        bytes += static_cast<char>((i * 31 + i / 256) & 0xFF);
    for (const std::string name : {"",
                                   "utf-8",
                                   "utf-7",
                                   "utf-16",
                                   "utf-32",
                                   "iso-2022-jp",
                                   "iso-2022-kr",
                                   "hz",
                                   "gb18030",
                                   "big5",
                                   "shift_jis",
                                   "euc-tw",
                                   "koi8-r",
                                   "windows-1253",
                                   "ebcdic-us",
                                   "ibm1364",
                                   "//translit",
                                   "utf-8//IGNORE",
                                   "../../etc/passwd",
                                   "utf\n8"}) {
        EXPECT_TRUE(unicode::is_utf8(to_utf8(bytes, name).text)) << name;
    }
    EXPECT_TRUE(unicode::is_utf8(to_utf8(bytes, std::string(100'000, 'x')).text));
}

} // namespace
} // namespace roe::message
