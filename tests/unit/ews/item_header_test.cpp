// That a header block as Exchange's properties give it decides as the whole mail's does: it is read by the
// parser that filters use.
#include "source/ews/item_header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/auto_reply.hpp"
#include "message/mail_header.hpp"
#include "message/sender_authentication.hpp"

namespace roe::ews {
namespace {

using message::MailHeader;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::size_t megabyte = 1 << 20;

const std::string on_the_wire =
    "Received: from mx.example.org (192.0.2.1) by ex1.corp.example (10.0.0.1) with\r\n"
    " Microsoft SMTP Server id 15.1.2507.39; Fri, 27 Nov 2026 10:00:01 +0000\r\n"
    "Authentication-Results: mx.corp.example; dmarc=pass header.from=example.org\r\n"
    "From: =?utf-8?B?0JDQvdC90LA=?= <anna@example.org>\r\n"
    "To: <robot@corp.example>, Bob <bob@corp.example>\r\n"
    "Subject: =?utf-8?B?0KHRh9GR0YI=?=\r\n =?utf-8?B?IDE3?=\r\n"
    "Date: Fri, 27 Nov 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@example.org>\r\n"
    "Auto-Submitted: auto-replied\r\n"
    "X-Order: 17\r\n";

ItemProperties given() {
    ItemProperties item;
    item.from = Mailbox{"Анна", "anna@example.org"};
    item.to = {{"robot@corp.example", "robot@corp.example"}, {"Bob", "bob@corp.example"}};
    item.subject = "Счёт 17";
    item.sent_at = WallTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / 27}.time_since_epoch() +
                            std::chrono::hours(10));
    item.message_id = "<1@example.org>";
    return item;
}

std::vector<std::string> texts(const std::vector<message::Address> &addresses) {
    std::vector<std::string> all;
    for (const auto &address : addresses)
        all.push_back(address.name + "|" + address.address);
    return all;
}

TEST(EwsHeader, Of_a_field_that_was_in_no_utf8_the_server_knows_better) {
    ItemProperties item = given();
    item.transport_headers = "From: \xef\xbf\xbd\xef\xbf\xbd <anna@example.org>\r\n"
                             "Subject: \xef\xbf\xbd\xef\xbf\xbd\r\n 17\r\n"
                             "X-Order: \xef\xbf\xbd\r\nTo: <robot@corp.example>\r\n";
    const HeaderBlock block = header_block(item, megabyte);
    const MailHeader header(block.bytes);
    EXPECT_EQ(header.text("Subject"), "Счёт 17");
    EXPECT_THAT(texts(header.addresses("From")), ElementsAre("Анна|anna@example.org"));
    EXPECT_THAT(block.bytes, HasSubstr("X-Order: \xef\xbf\xbd\r\nTo: <robot@corp.example>\r\n"));
    EXPECT_THAT(block.bytes, Not(HasSubstr("\r\n 17")));
    item.subject.clear();
    EXPECT_THAT(header_block(item, megabyte).bytes, HasSubstr("\xef\xbf\xbd\r\n 17"));
}

TEST(EwsHeader, Is_the_block_that_came_by_smtp) {
    ItemProperties item = given();
    item.transport_headers = on_the_wire;
    const HeaderBlock block = header_block(item, megabyte);
    EXPECT_EQ(block.from, HeaderFrom::transport);
    EXPECT_EQ(block.bytes, on_the_wire) << "as it came: nothing is added where nothing is missing";
    EXPECT_TRUE(message::authenticate_sender(block.bytes, "mx.corp.example").authenticated.value_or(false));
    EXPECT_THAT(message::automatic_sign(block.bytes), HasSubstr("Auto-Submitted"));
    EXPECT_EQ(MailHeader(block.bytes).text("X-Order"), "17");
}

TEST(EwsHeader, Ends_before_the_headers_of_parts_and_begins_after_a_remark) {
    ItemProperties item = given();
    item.transport_headers = "\r\nMicrosoft Mail Internet Headers Version 2.0\r\n" + on_the_wire +
                             "\r\n--_000_part\r\nContent-Type: text/plain\r\nX-Order: 18\r\n";
    const HeaderBlock block = header_block(item, megabyte);
    EXPECT_THAT(block.bytes, Not(HasSubstr("_000_part")));
    const MailHeader header(block.bytes);
    EXPECT_EQ(header.text("X-Order"), "17");
    EXPECT_EQ(header.text("Subject"), "Счёт 17");
    EXPECT_FALSE(header.has("Content-Type"));
}

TEST(EwsHeader, Properties_fill_what_the_block_lacks) {
    ItemProperties item = given();
    item.transport_headers = "Received: by ex1; Fri, 27 Nov 2026 10:00:01 +0000\nsubject : kept";
    const HeaderBlock block = header_block(item, megabyte);
    const MailHeader header(block.bytes);
    EXPECT_EQ(block.from, HeaderFrom::transport);
    EXPECT_EQ(header.text("Subject"), "kept");
    EXPECT_THAT(texts(header.addresses("From")), ElementsAre("Анна|anna@example.org"));
    EXPECT_EQ(header.message_id(), "1@example.org");
    EXPECT_EQ(header.date(), item.sent_at);
}

TEST(EwsHeader, Is_the_list_of_fields_where_the_server_keeps_no_block) {
    ItemProperties item = given();
    item.listed = {{"Received", "from a\r\n by b; Fri, 27 Nov 2026 10:00:01 +0000"},
                   {"Subject", "Счёт 18"},
                   {"Auto-Submitted", "auto-generated"},
                   {"Bad Name", "x"},
                   {"", "y"},
                   {"X-Order", "1\r\nX-Forged: 1"}};
    const HeaderBlock block = header_block(item, megabyte);
    EXPECT_EQ(block.from, HeaderFrom::listed);
    const MailHeader header(block.bytes);
    EXPECT_EQ(header.text("Subject"), "Счёт 18");
    EXPECT_TRUE(header.arrival().has_value());
    EXPECT_FALSE(header.has("X-Forged"));
    EXPECT_FALSE(header.has("Bad Name"));
    EXPECT_THAT(message::automatic_sign(block.bytes), HasSubstr("Auto-Submitted"));
    EXPECT_THAT(texts(header.addresses("From")), ElementsAre("Анна|anna@example.org"));
}

TEST(EwsHeader, Is_written_out_of_properties_where_there_is_nothing_else) {
    ItemProperties item = given();
    item.cc = {{"Doe, \"J\" \\", "j@example.org"}};
    item.reply_to = {{"", "answers@example.org"}};
    item.in_reply_to = "<0@example.org>";
    item.references = "<a@example.org> <0@example.org>";
    item.importance = "High";
    const HeaderBlock block = header_block(item, megabyte);
    EXPECT_EQ(block.from, HeaderFrom::properties);
    const MailHeader header(block.bytes);
    EXPECT_THAT(texts(header.addresses("From")), ElementsAre("Анна|anna@example.org"));
    EXPECT_THAT(texts(header.addresses("To")), ElementsAre("|robot@corp.example", "Bob|bob@corp.example"));
    EXPECT_THAT(texts(header.addresses("Cc")), ElementsAre("Doe, \"J\" \\|j@example.org"));
    EXPECT_THAT(texts(header.addresses("Reply-To")), ElementsAre("|answers@example.org"));
    EXPECT_EQ(header.text("Subject"), "Счёт 17");
    EXPECT_EQ(header.date(), item.sent_at);
    EXPECT_EQ(header.message_id(), "1@example.org");
    EXPECT_THAT(header.ids("In-Reply-To"), ElementsAre("0@example.org"));
    EXPECT_THAT(header.ids("References"), ElementsAre("a@example.org", "0@example.org"));
    EXPECT_EQ(header.importance(), "high");
}

TEST(EwsHeader, No_property_writes_a_second_field) {
    ItemProperties item;
    item.subject = "a\r\nX-Forged: 1\r\n\r\nbody";
    item.from = Mailbox{"n\r\nX-Forged: 2", "a@b.example>\r\nX-Forged: 3"};
    item.message_id = "<1@a>\r\nX-Forged: 4";
    item.references = "\nX-Forged: 5";
    item.importance = "\nX-Forged: 6";
    const HeaderBlock block = header_block(item, megabyte);
    EXPECT_FALSE(MailHeader(block.bytes).has("X-Forged")) << block.bytes;
    EXPECT_EQ(MailHeader(block.bytes).text("Subject"), "a  X-Forged: 1    body");
}

TEST(EwsHeader, Text_that_was_decoded_is_not_decoded_once_more) {
    ItemProperties item = given();
    item.subject = "=?utf-8?B?0KHRh9GR0YI=?= as it stands";
    EXPECT_EQ(MailHeader(header_block(item, megabyte).bytes).text("Subject"), item.subject);
    item.subject.clear();
    for (int i = 0; i < 40; ++i)
        item.subject += "Счёт и ещё 🙂 ";
    item.subject += '.';
    EXPECT_EQ(MailHeader(header_block(item, megabyte).bytes).text("Subject"), item.subject);
}

TEST(EwsHeader, An_address_of_the_directory_is_a_name) {
    ItemProperties item;
    item.from = Mailbox{"Ann", "/O=ORG/OU=EXCHANGE/CN=RECIPIENTS/CN=ANN"};
    const auto from = MailHeader(header_block(item, megabyte).bytes).addresses("From");
    EXPECT_THAT(texts(from), ElementsAre("Ann|"));
}

TEST(EwsHeader, Is_bounded_and_says_so) {
    ItemProperties item = given();
    item.transport_headers = on_the_wire;
    while (item.transport_headers.size() < 5'000)
        item.transport_headers += "X-Long: " + std::string(900, 'x') + "\r\n";
    const HeaderBlock cut = header_block(item, 2'000);
    EXPECT_TRUE(cut.truncated);
    EXPECT_LE(cut.bytes.size(), 2'000U);
    EXPECT_FALSE(header_block(item, 10'000).truncated);
    item.transport_headers = "X-Long: " + std::string(3'000, 'x') + "\r\n" + on_the_wire;
    const HeaderBlock filled = header_block(item, 2'000);
    EXPECT_TRUE(filled.truncated);
    EXPECT_EQ(MailHeader(filled.bytes).text("Subject"), "Счёт 17") << "the properties say what was cut off";
    item = given();
    item.subject.assign(5'000, 's');
    EXPECT_TRUE(header_block(item, 2'000).truncated);
    item.transport_headers = on_the_wire;
    item.truncated = true;
    EXPECT_TRUE(header_block(item, megabyte).truncated);
}

TEST(EwsHeader, Of_an_item_without_anything_is_empty) {
    EXPECT_THAT(header_block({}, megabyte).bytes, IsEmpty());
    ItemProperties item;
    item.transport_headers = "\r\n\r\nno field at all\r\n";
    EXPECT_EQ(header_block(item, megabyte).from, HeaderFrom::properties);
}

} // namespace
} // namespace roe::ews
