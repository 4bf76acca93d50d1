#include "message/charset.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <iconv.h>

#include "base/unicode.hpp"
#include "message/east_asian.hpp"

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

// What no guess may change: every beginning and end of a Russian, a German and a French text, in what it may be
// in.
TEST(Charset, Of_Europe_is_never_taken_for_one_of_East_Asia) {
    const std::string other =
        "Заказ 17/4 от 3 марта. Прошу подтвердить получение, а также наличие на складе! СРОЧНО: ЩИТЫ, ЁЖ, "
        "объём, въезд, ящик, эхо, юбка, цех, чай, жук. Отгрузка в Нижний Новгород; оплата по счёту.";
    const std::string german =
        "Äpfel, Öl, Übergrößen, Grüße aus Köln; ÄÖÜ Ähnliches für Möbelträger. Straßenfüße";
    const std::string french =
        "À bientôt, déjà reçu; ça été prévu à l'hôtel. Où êtes-vous? Élève, naïf, Noël, cœur";
    const std::vector<std::pair<std::string, std::vector<const char *>>> texts = {
        {russian, {"CP1251", "KOI8-R", "CP866", "ISO-8859-5"}},
        {other, {"CP1251", "KOI8-R", "CP866", "ISO-8859-5"}},
        {german, {"CP1252", "CP850"}},
        {french, {"CP1252"}}};
    for (const auto &[text, charsets] : texts) {
        for (const char *charset : charsets) {
            const std::string bytes = encoded(text, charset);
            for (std::size_t at = 0; at < bytes.size(); ++at) {
                EXPECT_EQ(likeliest_east_asian_charset(bytes.substr(at)), "") << charset << " from " << at;
                EXPECT_EQ(likeliest_east_asian_charset(bytes.substr(0, at)), "") << charset << " to " << at;
            }
        }
    }
}

TEST(Charset, Of_East_Asia_that_is_missing_or_named_wrongly_is_guessed) {
    const std::vector<std::pair<const char *, std::string>> cases = {
        {"GB18030", "您好，请查收附件中的订单，我们会在三天内发货。"},
        {"GB2312", "这是测试邮件，请不要回复。"},
        {"BIG5", "您好，請查收附件中的訂單，我們會在三天內出貨。"},
        {"SHIFT_JIS", "お世話になっております。注文書を添付いたします。"},
        {"EUC-JP", "お世話になっております。注文書を添付いたします。"},
        {"EUC-KR", "안녕하세요. 주문서를 첨부합니다."},
    };
    for (const auto &[charset, text] : cases) {
        const std::string bytes = encoded("Re: " + text + " 17", charset);
        for (const char *label : {"", "us-ascii", "utf-8", "no-such-charset", "unknown-8bit"}) {
            const Converted result = to_utf8(bytes, label);
            EXPECT_EQ(result.text, "Re: " + text + " 17") << charset << " that says " << label;
            EXPECT_TRUE(result.guessed);
            EXPECT_FALSE(result.damaged);
        }
    }
    const std::string japanese = cases[3].second;
    EXPECT_EQ(to_utf8(encoded(japanese, "SHIFT_JIS"), "euc-jp").text, japanese);
    EXPECT_EQ(to_utf8(encoded(japanese, "EUC-JP"), "iso-2022-jp").text, japanese);
    EXPECT_EQ(to_utf8(encoded(japanese, "ISO-2022-JP"), "utf-8").text, japanese);
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
    for (const char *name :
         {"cp866", "koi8-r", "gb18030", "big5", "shift_jis", "euc-kr", "iso-2022-jp", "utf-7"}) {
        const Converted result = to_utf8(russian, name);
        EXPECT_EQ(result.text, russian) << name;
        EXPECT_TRUE(result.guessed) << name;
        EXPECT_FALSE(result.damaged) << name;
    }
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
