// Whom the outcome of a mail's job is told.
#include "watch/authors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::watch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<ledger::Author> authors(const std::string &header, const std::string &from = "@shop.example") {
    return authors_to_tell(trigger::parse_filter(from, ""), message::read_envelope(header, 100), header,
                           "robot@shop.example");
}

std::vector<std::string> told(const std::string &header, const std::string &from = "@shop.example") {
    std::vector<std::string> addresses;
    for (const auto &author : authors(header, from))
        addresses.push_back(author.address);
    return addresses;
}

TEST(AuthorsToTell, The_one_who_wrote_it_as_an_answer_to_it) {
    const auto found =
        authors("From: Ann <ann@shop.example>\r\nSubject: =?utf-8?q?=D0=A1=D1=87=D1=91=D1=82?=\r\n"
                "Message-ID: <2@shop.example>\r\nReferences: <0@x> <1@y>\r\n"
                "Reply-To: stranger@elsewhere.example\r\n\r\n");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].address, "ann@shop.example");
    EXPECT_EQ(found[0].subject, "Счёт");
    EXPECT_EQ(found[0].message_id, "2@shop.example");
    EXPECT_THAT(found[0].references, ElementsAre("0@x", "1@y", "2@shop.example"));
}

TEST(AuthorsToTell, Those_whom_From_names_and_not_who_stands_beside_them) {
    const std::string header =
        "From: victim@elsewhere.example, Ann <ann@shop.example>, bob@shop.example\r\n\r\n";
    EXPECT_THAT(told(header), ElementsAre("ann@shop.example", "bob@shop.example"));
    EXPECT_THAT(told(header, "ann@shop.example"), ElementsAre("ann@shop.example"));
    EXPECT_THAT(told(header, "elsewhere"), ElementsAre("victim@elsewhere.example"));
}

TEST(AuthorsToTell, Each_once_and_a_few_at_most) {
    EXPECT_THAT(told("From: ann@shop.example, ANN@shop.example\r\n\r\n"), ElementsAre("ann@shop.example"));
    std::string many = "From: a0@shop.example";
    for (int i = 1; i < 100; ++i)
        many += ",\r\n a" + std::to_string(i) + "@shop.example";
    EXPECT_THAT(told(many + "\r\n\r\n"), SizeIs(10));
}

TEST(AuthorsToTell, No_program_that_would_answer_and_not_the_mailbox_itself) {
    const std::string from = "From: ann@shop.example\r\n";
    for (const std::string sign :
         {"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated", "Return-Path: <>",
          "Precedence: bulk", "Content-Type: multipart/report; boundary=x"})
        EXPECT_THAT(told(from + sign + "\r\n\r\n"), IsEmpty()) << sign;
    EXPECT_THAT(told(from + "Auto-Submitted: no\r\n\r\n"), SizeIs(1));
    EXPECT_THAT(told("From: Robot@SHOP.example\r\n\r\n"), IsEmpty());
    EXPECT_THAT(told("Subject: from nobody\r\n\r\n"), IsEmpty());
}

TEST(AuthorsToTell, Addresses_as_SMTP_takes_them_or_not_at_all) {
    EXPECT_THAT(told("From: ann@магазин.example\r\n\r\n", "ann"), ElementsAre("ann@xn--80aairftm.example"));
    EXPECT_THAT(told("From: анна@shop.example\r\n\r\n"), IsEmpty());
    EXPECT_THAT(told("From: no address at all\r\n\r\n", "address"), IsEmpty());
}

TEST(AuthorsToTell, Names_of_messages_that_break_a_header_are_left_out) {
    const auto found = authors("From: ann@shop.example\r\nMessage-ID: <" + std::string(251, 'x') +
                               ">\r\nReferences: <ok@x> <\xD0\x96@y> <" + std::string(251, 'y') + ">\r\n\r\n");
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].message_id, "");
    EXPECT_THAT(found[0].references, ElementsAre("ok@x"));
    std::string many = "From: ann@shop.example\r\nMessage-ID: <last@x>\r\nReferences:";
    for (int i = 0; i < 200; ++i)
        many += " <" + std::to_string(i) + "@x>\r\n";
    const auto long_thread = authors(many + "\r\n");
    ASSERT_THAT(long_thread, SizeIs(1));
    EXPECT_THAT(long_thread[0].references, SizeIs(21));
    EXPECT_EQ(long_thread[0].references.back(), "last@x");
}

} // namespace
} // namespace roe::watch
