#include "message/content_fields.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace roe::message {
namespace {

ContentFields fields_of(std::string_view header) {
    return read_content_fields(split_header(header));
}

TEST(ContentFields, Are_text_plain_where_nothing_is_said) {
    const ContentFields content = fields_of("Subject: x\r\n");
    EXPECT_EQ(content.type, "text/plain");
    EXPECT_FALSE(content.type_given);
    EXPECT_EQ(content.encoding, TransferEncoding::identity);
    EXPECT_EQ(fields_of("Content-Type: nonsense\r\n").type, "text/plain");
    EXPECT_EQ(fields_of("Content-Type:\r\n").type, "text/plain");
}

TEST(ContentFields, Are_read_with_their_parameters) {
    const ContentFields content =
        fields_of("Content-Type: Text/HTML (a comment); CHARSET = \"KOI8-R\" ; format=Flowed; delsp=yes\r\n"
                  "Content-Transfer-Encoding: Quoted-Printable\r\n"
                  "Content-ID: <part1@example.org>\r\n"
                  "Content-Disposition: INLINE; filename=a.html\r\n");
    EXPECT_EQ(content.type, "text/html");
    EXPECT_EQ(content.charset, "KOI8-R");
    EXPECT_TRUE(content.flowed);
    EXPECT_TRUE(content.delete_spaces);
    EXPECT_EQ(content.encoding, TransferEncoding::quoted_printable);
    EXPECT_EQ(content.content_id, "part1@example.org");
    EXPECT_EQ(content.disposition, "inline");
    EXPECT_EQ(content.name, "a.html");
}

TEST(ContentFields, Have_a_name_in_any_of_the_ways_that_senders_write_it) {
    const std::vector<std::pair<const char *, const char *>> cases = {
        {"attachment; filename=\"plain name.pdf\"", "plain name.pdf"},
        {"attachment; filename=bare name.pdf", "bare name.pdf"},
        {"attachment; filename=\"semi;colon.pdf\"; size=1", "semi;colon.pdf"},
        {"attachment; filename=\"quo\\\"te.pdf\"", "quo\"te.pdf"},
        {"attachment; filename=\"C:\\TEMP\\offer.pdf\"", "C:\\TEMP\\offer.pdf"},
        // RFC 2231
        {"attachment; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82.pdf", "Отчёт.pdf"},
        {"attachment; filename*=koi8-r'ru'%EF%D4%DE%A3%D4.pdf", "Отчёт.pdf"},
        {"attachment; filename*=windows-1251''%CE%F2%F7%B8%F2.pdf", "Отчёт.pdf"},
        {"attachment; filename*0=\"a very \"; filename*1=\"long\"; filename*2=\" name.pdf\"",
         "a very long name.pdf"},
        {"attachment; filename*1*=%87%D1%91%D1%82.pdf; filename*0*=UTF-8''%D0%9E%D1%82%D1", "Отчёт.pdf"},
        {"attachment; filename*0*=UTF-8''%D0%9E; filename*1=\"_plain%20.pdf\"", "О_plain%20.pdf"},
        {"attachment; filename=\"ascii.pdf\"; filename*=UTF-8''%D0%9E.pdf", "О.pdf"},
        {"attachment; filename*=UTF-8''%D0%9E.pdf; filename=\"ascii.pdf\"", "О.pdf"},
        {"attachment; filename*=%D0%9E.pdf", "О.pdf"},
        {"attachment; filename*=''%CE%F2%F7%B8%F2.pdf", "Отчёт.pdf"},
        {"attachment; filename*=no-such''%D0%9E.pdf", "О.pdf"},
        {"attachment; filename*=UTF-8''100%25%zz.pdf", "100%%zz.pdf"},
        // RFC 2047 where it is not allowed
        {"attachment; filename=\"=?UTF-8?B?0J7RgtGH0ZHRgi5wZGY=?=\"", "Отчёт.pdf"},
        {"attachment; filename==?UTF-8?B?0J7RgtGH0ZHRgi5wZGY=?=", "Отчёт.pdf"},
        {"attachment; filename=\"=?UTF-8?B?0J7RgtGH?=\r\n =?UTF-8?B?0ZHRgi5wZGY=?=\"", "Отчёт.pdf"},
        {"attachment; filename*0=\"=?UTF-8?B?0J7RgtGH\"; filename*1=\"0ZHRgi5wZGY=?=\"", "Отчёт.pdf"},
        // raw 8-bit
        {"attachment; filename=\"Отчёт.pdf\"", "Отчёт.pdf"},
        {"attachment; filename=\"\xCE\xF2\xF7\xB8\xF2.pdf\"", "Отчёт.pdf"},
        // broken
        {"attachment; filename=\"never closed.pdf", "never closed.pdf"},
        {"attachment; filename=", ""},
        {"attachment; filename", ""},
        {"attachment;;; filename=a;", "a"},
        {"attachment; filename=\"\"", ""},
    };
    for (const auto &[value, name] : cases) {
        EXPECT_EQ(fields_of("Content-Disposition: " + std::string(value) + "\r\n").name, name) << value;
    }
    EXPECT_EQ(fields_of("Content-Type: image/png; name=\"a.png\"\r\n").name, "a.png");
    EXPECT_EQ(
        fields_of("Content-Type: image/png; name=\"a.png\"\r\nContent-Disposition: inline; filename=b.png\r\n")
            .name,
        "b.png");
}

TEST(ContentFields, Of_an_unknown_disposition_are_an_attachments) {
    EXPECT_EQ(fields_of("Content-Disposition: form-data\r\n").disposition, "attachment");
    EXPECT_EQ(fields_of("Content-Disposition: ; filename=a\r\n").disposition, "");
}

TEST(ContentFields, Know_transfer_encodings_by_all_their_names) {
    const std::vector<std::pair<const char *, TransferEncoding>> cases = {
        {"7bit", TransferEncoding::identity},       {"8BIT", TransferEncoding::identity},
        {"binary", TransferEncoding::identity},     {"Base64", TransferEncoding::base64},
        {"base64 (yes)", TransferEncoding::base64}, {"quoted-printable;", TransferEncoding::quoted_printable},
        {"x-uuencode", TransferEncoding::uuencode}, {"x-uue", TransferEncoding::uuencode},
        {"rot13", TransferEncoding::unknown},       {"", TransferEncoding::identity}};
    for (const auto &[value, encoding] : cases)
        EXPECT_EQ(transfer_encoding(value), encoding) << value;
}

std::string decoded(TransferEncoding encoding, std::string_view bytes, std::size_t piece) {
    TransferDecoder decoder(encoding);
    std::string result;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        result += decoder.decode(bytes.substr(at, piece));
    return result + decoder.finish();
}

TEST(TransferDecoder, Gives_the_same_whole_and_byte_by_byte) {
    struct Case {
        TransferEncoding encoding;
        const char *bytes;
        const char *text;
    };
    const std::vector<Case> cases = {
        {TransferEncoding::base64, "SGVs\r\nbG8s\r\nIHdvcmxkIQ==\r\n", "Hello, world!"},
        {TransferEncoding::base64, "SGVsbG8", "Hello"},
        {TransferEncoding::base64, "SGVsbA", "Hell"},
        {TransferEncoding::base64, "SG*Vs--bG8=", "Hello"},
        {TransferEncoding::quoted_printable, "a=3D=\r\nb=20=\n=d0=9f", "a=b П"},
        {TransferEncoding::quoted_printable, "100=% =XY", "100=% =XY"},
        {TransferEncoding::uuencode, "rubbish\r\nbegin 644 a.txt\r\n%2&5L;&\\\r\n`\r\nend\r\n", "Hello"},
        {TransferEncoding::identity, "as\r\nit is", "as\r\nit is"},
        {TransferEncoding::unknown, "as it is", "as it is"},
    };
    for (const auto &[encoding, bytes, text] : cases) {
        for (const std::size_t piece : {1000U, 1U, 2U, 3U})
            EXPECT_EQ(decoded(encoding, bytes, piece), text) << bytes << piece;
    }
}

} // namespace
} // namespace roe::message
