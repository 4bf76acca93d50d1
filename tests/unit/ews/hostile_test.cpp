// Answers of servers that are no Exchange, are broken, or mean harm: an error in words, in bounded memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>

#include "given_answer.hpp"
#include "source/ews/answer_parser.hpp"
#include "source/ews/base64_stream.hpp"

namespace roe::ews {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// The same error whatever the pieces.
Yield refused(const std::string &answer) {
    Yield yield = yield_of(answer, 4096);
    EXPECT_NE(yield.error, "");
    EXPECT_EQ(yield.why.fault, Fault::protocol);
    for (const std::size_t piece : {std::size_t{1}, answer.size() + 1})
        EXPECT_EQ(yield_of(answer, piece).error, yield.error);
    return yield;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    all.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

TEST(EwsHostile, A_page_for_people_is_told_by_its_title) {
    const std::string page = "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "
                             "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n<html><head>"
                             "<meta http-equiv=Content-Type content='text/html'>"
                             "<title>404 - File or directory\nnot found.</title></head><body>…</body></html>";
    const Yield yield = refused(page);
    EXPECT_EQ(yield.why.server_text,
              "the answer is no answer of Exchange Web Services, but \"404 - File or directory not found.\"");
    EXPECT_THAT(yield.why.advice, HasSubstr("/EWS/Exchange.asmx"));
    EXPECT_THAT(refused("<html><head><TITLE lang=en>Sign in</TITLE></head></html>").why.server_text,
                HasSubstr("Sign in"));
    EXPECT_THAT(refused("Service Unavailable\r\n").why.server_text, HasSubstr("Service Unavailable"));
    EXPECT_THAT(refused("Gone").why.server_text, HasSubstr("Gone"));
    EXPECT_EQ(refused("<HTML><BODY>no title" + std::string(10'000, ' ')).why.server_text,
              "the answer is no answer of Exchange Web Services");
    EXPECT_THAT(refused("{\"error\": 1}").why.server_text, HasSubstr("{\"error\": 1}"));
    EXPECT_THAT(refused("<rss><title>Other XML</title></rss>").why.server_text, HasSubstr("Other XML"));
}

TEST(EwsHostile, A_dtd_and_its_entities_are_refused) {
    const std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE s:Envelope [<!ENTITY a \"aaaaaaaaaa\">"
                             "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]>"
                             "<s:Envelope><s:Body>&c;</s:Body></s:Envelope>";
    refused(bomb);
    refused("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>");
    EXPECT_THAT(refused(enveloped("&c;")).error, HasSubstr("broken"));
}

TEST(EwsHostile, A_million_elements_inside_of_each_other) {
    EXPECT_THAT(yield_of(enveloped(repeated("<a>", 1'000'000))).error, HasSubstr("too deep"));
    EXPECT_THAT(yield_of(got_item(repeated("<a>", 1'000'000))).error, HasSubstr("too deep"));
}

TEST(EwsHostile, Huge_names_attributes_and_ids) {
    const std::string megabyte(1 << 20, 'x');
    EXPECT_THAT(yield_of(got_item("<t:ItemId Id=\"" + megabyte + "\"/>")).error,
                HasSubstr("a tag of the answer is too large"));
    EXPECT_THAT(yield_of(got_item("<" + megabyte + "/>")).error, HasSubstr("a tag of the answer is too large"));
    EXPECT_THAT(yield_of(got_item("<!--" + megabyte + "-->")).error,
                HasSubstr("a tag of the answer is too large"));
    EXPECT_NE(yield_of("<!--" + megabyte + "-->" + enveloped("")).error, "");
    std::string attributes;
    for (int i = 0; i < 100'000; ++i)
        attributes += " a" + std::to_string(i) + "=''";
    EXPECT_THAT(yield_of(got_item("<t:ItemId" + attributes + "/>")).error,
                HasSubstr("a tag of the answer is too large"));
}

TEST(EwsHostile, A_message_is_bounded_and_their_number_is_not) {
    EXPECT_THAT(yield_of(got_item(repeated("<a/>", 1'000'000))).error,
                HasSubstr("message of the answer is too large"));
    EXPECT_THAT(yield_of(got_item("<t:Subject>" + repeated("xxxxxxxxxx", 4'000'000))).error,
                HasSubstr("message of the answer is too large"));
    const std::string one = "<m:DeleteItemResponseMessage ResponseClass='Success'><m:ResponseCode>NoError"
                            "</m:ResponseCode></m:DeleteItemResponseMessage>";
    const Yield yield = yield_of(enveloped(repeated(one, 20'000)));
    EXPECT_EQ(yield.error, "");
    EXPECT_EQ(yield.messages.size(), 20'000U);
}

TEST(EwsHostile, A_header_that_is_too_long_is_cut_and_the_mail_stays) {
    const std::string line = "X-Long: " + std::string(990, 'x') + "\r\n";
    const std::string header = "From: a@b.example\r\nSubject: long\r\n" + repeated(line, 5'000);
    Yield yield = yield_of(got_item("<t:ItemId Id=\"a\"/><t:ExtendedProperty><t:ExtendedFieldURI "
                                    "PropertyTag=\"0x7d\" PropertyType=\"String\"/>"
                                    "<t:Value>" +
                                    header + "</t:Value></t:ExtendedProperty>"));
    ASSERT_EQ(yield.error, "");
    const Item &item = std::get<ItemPage>(yield.messages.at(0).content).items.at(0);
    EXPECT_TRUE(item.header_truncated);
    EXPECT_LE(item.header.size(), AnswerLimits{}.header_bytes);
    EXPECT_THAT(item.header.substr(0, 40), HasSubstr("Subject: long"));
}

TEST(EwsHostile, An_answer_that_is_cut_off_anywhere_is_an_error) {
    const std::string whole = got_item("<t:ItemId Id=\"a\"/><t:Subject>s</t:Subject>");
    ASSERT_EQ(yield_of(whole).error, "");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(yield_of(whole.substr(0, size)).error, "") << size;
    EXPECT_THAT(yield_of("").error, HasSubstr("empty"));
    EXPECT_THAT(yield_of(enveloped("")).error, HasSubstr("empty"));
}

TEST(EwsHostile, What_has_to_be_there_is_missed) {
    const auto message = [](const std::string &name, const std::string &content) {
        return enveloped("<m:" + name + "ResponseMessage ResponseClass=\"Success\">" + content + "</m:" + name +
                         "ResponseMessage>");
    };
    refused(enveloped("<m:DeleteItemResponseMessage></m:DeleteItemResponseMessage>"));
    refused(message("SyncFolderItems", "<m:Changes/>"));
    refused(message("SyncFolderItems", "<m:SyncState> </m:SyncState>"));
    refused(message("SyncFolderItems", "<m:SyncState>s</m:SyncState><m:Changes><t:Create/></m:Changes>"));
    refused(message("SyncFolderItems", "<m:SyncState>s</m:SyncState><m:Changes><t:Delete><t:ItemId/></t:Delete>"
                                       "</m:Changes>"));
    refused(message("FindItem", "<m:RootFolder><t:Items><t:Message/></t:Items></m:RootFolder>"));
    refused(message("GetFolder", "<m:Folders><t:Folder/></m:Folders>"));
    refused(message("Subscribe", ""));
}

TEST(EwsHostile, A_mail_that_is_missing_in_its_own_message_is_refused_alone) {
    for (const auto *items : {"<m:Items/>", "<m:Items><t:Message/><t:Message/></m:Items>"}) {
        const auto answer =
            enveloped("<m:GetItemResponseMessage ResponseClass=\"Success\"><m:ResponseCode>NoError"
                      "</m:ResponseCode>" +
                      std::string(items) + "</m:GetItemResponseMessage>");
        const Yield yield = yield_of(answer);
        ASSERT_EQ(yield.error, "");
        ASSERT_EQ(yield.messages.size(), 1U);
        EXPECT_FALSE(yield.messages[0].outcome.ok);
        EXPECT_FALSE(yield.messages[0].outcome.whole);
    }
}

TEST(EwsHostile, Nonsense_in_a_value_is_no_value) {
    Yield yield =
        yield_of(got_item("<t:ItemId Id=\"a\"/><t:DateTimeReceived>yesterday+99:99</t:DateTimeReceived>"
                          "<t:Size>-1</t:Size><t:IsRead>perhaps</t:IsRead>"));
    ASSERT_EQ(yield.error, "");
    const Item &item = std::get<ItemPage>(yield.messages.at(0).content).items.at(0);
    EXPECT_EQ(item.received_at, WallTime{});
    EXPECT_EQ(item.size, 0);
    EXPECT_EQ(item.read, false);
}

TEST(EwsHostile, After_an_error_nothing_more_is_taken) {
    AnswerParser parser;
    EXPECT_FALSE(parser.feed(enveloped("&c;")).ok());
    EXPECT_FALSE(parser.feed(got_item("<t:ItemId Id=\"a\"/>")).ok());
    EXPECT_FALSE(parser.end().ok());
    EXPECT_FALSE(parser.next().has_value());
}

std::string mail_in(std::string_view base64) {
    return got_item("<t:MimeContent>" + std::string(base64) + "</t:MimeContent><t:ItemId Id=\"a\"/>");
}

TEST(EwsHostile, A_mail_that_is_not_whole_base64_does_not_end) {
    for (const char *wrong :
         {"Q", "QQ", "QQ=", "Q===", "QQ==QQ==", "QUJD*", "QUJD-QQ==", "<t:a/>", "&#x1F;", "QQ==="}) {
        Kept kept;
        const std::vector<ItemId> asked{{"a"}};
        AnswerParser parser(kept, asked);
        EXPECT_NE(yield_of(parser, mail_in(wrong)).error, "") << wrong;
        for (const auto &one : kept.all)
            EXPECT_FALSE(one.whole) << wrong;
    }
}

TEST(EwsHostile, A_mail_larger_than_the_bound_ends_the_parsing) {
    Kept kept;
    const std::vector<ItemId> asked{{"a"}};
    AnswerLimits limits;
    limits.mime_bytes = 1'000'000;
    AnswerParser parser(kept, asked, limits);
    EXPECT_THAT(yield_of(parser, mail_in(repeated("QUJD", 400'000))).error, HasSubstr("too large"));
    EXPECT_LE(kept.all.at(0).bytes.size(), limits.mime_bytes);
}

// Bytes that the allocator has given out; 0 under a sanitizer, which has an allocator of its own.
std::size_t in_use() {
    const struct mallinfo2 heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

struct Meter final : MimeSink {
    std::size_t most = 0;
    std::uint64_t bytes = 0;
    std::size_t writes = 0;
    Result<void> begin(std::size_t) override { return {}; }
    Result<void> write(std::string_view piece) override {
        bytes += piece.size();
        ++writes;
        most = std::max(most, in_use());
        return {};
    }
    Result<void> end(std::size_t) override { return {}; }
};

TEST(EwsHostile, A_mail_of_any_size_takes_constant_memory) {
    const std::string mail = mail_in("=");
    const auto place = mail.find("=</t:MimeContent");
    const std::string piece = repeated("QUJDREVG\r\n", 1'000);
    Meter meter;
    const std::vector<ItemId> asked{{"a"}};
    const std::size_t before = in_use();
    AnswerParser parser(meter, asked);
    ASSERT_TRUE(parser.feed(std::string_view(mail).substr(0, place)).ok());
    for (int i = 0; i < 4'000; ++i)
        ASSERT_TRUE(parser.feed(piece).ok());
    ASSERT_TRUE(parser.feed(std::string_view(mail).substr(place + 1)).ok());
    EXPECT_TRUE(parser.end().ok());
    EXPECT_EQ(meter.bytes, 24'000'000U);
    EXPECT_LE(meter.writes, 2'000U) << "lines are not handed on one by one";
    EXPECT_LE(meter.most, before + 500'000);
}

TEST(EwsHostile, Two_contents_of_one_item_are_refused) {
    Kept kept;
    const std::vector<ItemId> asked{{"a"}};
    AnswerParser parser(kept, asked);
    const std::string twice =
        got_item("<t:MimeContent>QQ==</t:MimeContent><t:MimeContent>QQ==</t:MimeContent>");
    EXPECT_THAT(yield_of(parser, twice).error, HasSubstr("two contents of one mail"));
}

TEST(EwsHostile, Base64_comes_in_pieces_of_any_size) {
    const std::string text = "TWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdv\r\ncmsu\r\nTWFueSBoYW5kcyBtYWtlIGxpZ2h0IHdvcmsu";
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
        Base64Stream stream;
        std::string decoded;
        for (std::size_t from = 0; from < text.size(); from += piece)
            ASSERT_TRUE(stream.decode(std::string_view(text).substr(from, piece), decoded));
        EXPECT_TRUE(stream.end());
        EXPECT_EQ(decoded, "Many hands make light work.Many hands make light work.");
    }
}

} // namespace
} // namespace roe::ews
