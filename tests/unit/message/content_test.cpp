#include "message/content.hpp"

#include <gmock/gmock.h>

#include "given_mail.hpp"

namespace roe::message {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Content content_of(std::string_view mail) {
    const Spool spool;
    const auto content = read_content(spool.write(with_crlf(mail)));
    EXPECT_TRUE(content.ok());
    return content.ok() ? *content : Content();
}

TEST(Content, Is_the_text_that_the_payload_has) {
    constexpr auto html =
        "Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n"
        "<p>=FA=C1=CB=C1=DA <b>17</b></p>\n";
    EXPECT_EQ(content_of(html).text, payload_of(html)["text"].get<std::string>());
    EXPECT_THAT(content_of(html).text, testing::HasSubstr("Заказ 17"));
    EXPECT_THAT(content_of(html).attachment_names, IsEmpty());
}

TEST(Content, Has_attachments_by_their_decoded_names_but_no_pictures_of_the_text) {
    const auto content =
        content_of("Content-Type: multipart/mixed; boundary=m\n\n"
                   "--m\nContent-Type: multipart/related; boundary=r\n\n"
                   "--r\nContent-Type: text/html\n\n<img src=cid:logo>\n"
                   "--r\nContent-Type: image/png; name=logo.png\nContent-ID: <logo>\n"
                   "Content-Disposition: inline; filename=logo.png\n\nx\n"
                   "--r\nContent-Type: application/pdf\n"
                   "Content-Disposition: attachment; filename=terms.pdf\n\nx\n--r--\n"
                   "--m\nContent-Type: application/pdf\n"
                   "Content-Disposition: attachment; filename*=utf-8''%D0%A1%D1%87%D1%91%D1%82.pdf\n"
                   "\nx\n"
                   "--m\nContent-Type: application/pdf\n"
                   "Content-Disposition: inline; filename=shown.pdf\n\nx\n"
                   "--m\nContent-Type: message/rfc822\n\nSubject: Forwarded\n\nx\n"
                   "--m\nContent-Type: application/octet-stream\n\nx\n--m--\n");
    EXPECT_THAT(content.attachment_names,
                ElementsAre("terms.pdf", "Счёт.pdf", "shown.pdf", "Forwarded.eml", ""));
}

TEST(Content, That_can_not_be_read_is_a_fault_of_the_disk) {
    const auto content = read_content("/nonexistent/message.eml");
    ASSERT_FALSE(content.ok());
    EXPECT_EQ(content.error().fault, Fault::storage);
}

} // namespace
} // namespace roe::message
