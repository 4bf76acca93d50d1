// Answers as servers write them, in their dialects.
#include "source/ews/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "given_answer.hpp"
#include "source/ews/answer_parser.hpp"

namespace roe::ews {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view namespaces =
    R"( xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages")"
    R"( xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">)";

std::string answer_of(const std::string &operation, std::string_view message,
                      std::string_view how = "Success") {
    return enveloped("<m:" + operation + "Response" + std::string(namespaces) +
                     "<m:ResponseMessages><m:" + operation + "ResponseMessage ResponseClass=\"" +
                     std::string(how) + "\">" + std::string(message) + "</m:" + operation +
                     "ResponseMessage></m:ResponseMessages></m:" + operation + "Response>");
}

// Whatever the pieces, the answer is the same as far as these tests look.
Yield whole(const std::string &answer) {
    const Yield bytewise = yield_of(answer, 1);
    Yield yield = yield_of(answer, answer.size());
    EXPECT_EQ(bytewise.error, yield.error);
    EXPECT_EQ(bytewise.messages.size(), yield.messages.size());
    return yield;
}

template <class Content>
Content content_of(const std::string &answer) {
    Yield yield = whole(answer);
    EXPECT_EQ(yield.error, "");
    if (yield.messages.size() != 1) {
        ADD_FAILURE() << yield.messages.size() << " messages";
        return {};
    }
    EXPECT_TRUE(yield.messages.front().outcome.ok);
    const auto *content = std::get_if<Content>(&yield.messages.front().content);
    EXPECT_NE(content, nullptr);
    return content == nullptr ? Content{} : *content;
}

WallTime at(int hour, int minute, int second, int millisecond) {
    return WallTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / 27}.time_since_epoch() +
                    std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
                    std::chrono::milliseconds(millisecond));
}

const std::string sync_changes =
    "<m:ResponseCode>NoError</m:ResponseCode><m:SyncState>H4sIAAA=</m:SyncState>"
    "<m:IncludesLastItemInRange>false</m:IncludesLastItemInRange><m:Changes>"
    "<t:Create><t:Message><t:ItemId Id=\"new2\" ChangeKey=\"C2\"/><t:DateTimeReceived>2026-11-27T10:00:01Z"
    "</t:DateTimeReceived><t:Size>2345</t:Size><t:IsRead>false</t:IsRead></t:Message></t:Create>"
    "<t:Create><t:MeetingRequest><t:ItemId Id=\"new1\" ChangeKey=\"C1\"/><t:DateTimeReceived>"
    "2026-11-27T13:00:00.1234567+03:00</t:DateTimeReceived><t:IsRead>true</t:IsRead></t:MeetingRequest></"
    "t:Create>"
    "<t:Update><t:Message><t:ItemId Id=\"upd\" ChangeKey=\"C3\"/></t:Message></t:Update>"
    "<t:Delete><t:ItemId Id=\"del\" ChangeKey=\"C4\"/></t:Delete>"
    "<t:ReadFlagChange><t:ItemId Id=\"rd\" ChangeKey=\"C5\"/><t:IsRead>true</t:IsRead></t:ReadFlagChange>"
    "</m:Changes>";

void expect_those_changes(const SyncChanges &changes) {
    EXPECT_EQ(changes.state, "H4sIAAA=");
    EXPECT_FALSE(changes.last);
    ASSERT_THAT(changes.created, SizeIs(2));
    EXPECT_EQ(changes.created[0].item, (ItemId{"new2", "C2"}));
    EXPECT_EQ(changes.created[0].received_at, at(10, 0, 1, 0));
    EXPECT_EQ(changes.created[0].size, 2345);
    EXPECT_EQ(changes.created[0].received_more, 0ns);
    EXPECT_EQ(changes.created[1].received_at, at(10, 0, 0, 123));
    EXPECT_EQ(changes.created[1].received_more, 456'700ns);
    EXPECT_EQ(changes.created[0].read, false);
    EXPECT_EQ(changes.created[1].item.id, "new1");
    EXPECT_EQ(changes.created[1].received_at, at(10, 0, 0, 123));
    EXPECT_THAT(changes.deleted, ElementsAre(ItemId{"del", "C4"}));
}

TEST(EwsAnswer, The_changes_of_a_folder) {
    expect_those_changes(content_of<SyncChanges>(answer_of("SyncFolderItems", sync_changes)));
}

TEST(EwsAnswer, Is_the_same_in_every_dialect) {
    std::string answer = answer_of("SyncFolderItems", sync_changes);
    const auto replaced = [](std::string text, std::string_view from, std::string_view to) {
        for (auto found = text.find(from); found != std::string::npos;
             found = text.find(from, found + to.size()))
            text.replace(found, from.size(), to);
        return text;
    };
    const std::string upper = replaced(replaced(answer, "<s:", "<SOAP:"), "</s:", "</SOAP:");
    const std::string bare =
        replaced(replaced(replaced(answer, "<s:", "<"), "</s:", "</"), "xmlns:s=", "xmlns=");
    const std::string types = replaced(replaced(answer, "<m:", "<t:"), "</m:", "</t:");
    std::string unprefixed = answer;
    for (const char *prefix : {"<m:", "<t:", "<s:"})
        unprefixed = replaced(unprefixed, prefix, "<");
    for (const char *prefix : {"</m:", "</t:", "</s:"})
        unprefixed = replaced(unprefixed, prefix, "</");
    const std::string marked = "\xef\xbb\xbf" + answer;
    const std::string unknown = replaced(
        answer, "<m:Changes>", "<m:Unheard a='b'><t:Of><t:ItemId Id='x'/></t:Of></m:Unheard><m:Changes>");
    const std::string spread = replaced(answer, "><", ">\r\n    <");
    const std::string commented = replaced(answer, "<m:Changes>", "<!-- here --><m:Changes>");
    const std::string classless = replaced(answer, " ResponseClass=\"Success\"", "");
    for (const auto &dialect : {upper, bare, types, unprefixed, marked, unknown, spread, commented, classless})
        expect_those_changes(content_of<SyncChanges>(dialect));
}

TEST(EwsAnswer, A_folder_without_changes) {
    const auto changes = content_of<SyncChanges>(answer_of(
        "SyncFolderItems", "<m:ResponseCode>NoError</m:ResponseCode><m:SyncState>s</m:SyncState>"
                           "<m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes/>"));
    EXPECT_TRUE(changes.last);
    EXPECT_THAT(changes.created, IsEmpty());
}

TEST(EwsAnswer, Says_what_server_it_is) {
    AnswerParser parser;
    EXPECT_FALSE(parser.server().has_value());
    yield_of(parser, answer_of("Unsubscribe", "<m:ResponseCode>NoError</m:ResponseCode>"));
    ASSERT_TRUE(parser.server().has_value());
    EXPECT_EQ(parser.server()->major, 15);
    EXPECT_EQ(parser.server()->build, 2507);
    EXPECT_EQ(parser.server()->newest(), Version::exchange2016);
}

const std::string folder =
    "<t:Folder><t:FolderId Id=\"AAfolder\" ChangeKey=\"AQ\"/><t:ParentFolderId Id=\"AAroot\" ChangeKey=\"AQ\"/>"
    "<t:FolderClass>IPF.Note</t:FolderClass><t:DisplayName>Rechnungen &amp; Mehr</t:DisplayName>"
    "<t:TotalCount>12</t:TotalCount></t:Folder>";

void expect_that_folder(const Folder &one) {
    EXPECT_EQ(one.folder.id, "AAfolder");
    EXPECT_EQ(one.parent, "AAroot");
    EXPECT_EQ(one.name, "Rechnungen & Mehr");
    EXPECT_EQ(one.item_class, "IPF.Note");
    EXPECT_EQ(one.count, 12);
}

TEST(EwsAnswer, A_folder_and_a_page_of_folders) {
    const auto one = content_of<FolderPage>(answer_of(
        "GetFolder", "<m:ResponseCode>NoError</m:ResponseCode><m:Folders>" + folder + "</m:Folders>"));
    ASSERT_THAT(one.folders, SizeIs(1));
    expect_that_folder(one.folders.front());
    EXPECT_TRUE(one.last);

    const auto page = content_of<FolderPage>(answer_of(
        "FindFolder", "<m:ResponseCode>NoError</m:ResponseCode><m:RootFolder IndexedPagingOffset=\"2\" "
                      "TotalItemsInView=\"9\" IncludesLastItemInRange=\"false\"><t:Folders>" +
                          folder +
                          "<t:CalendarFolder><t:FolderId Id=\"cal\"/><t:DisplayName>Calendar</t:DisplayName>"
                          "</t:CalendarFolder></t:Folders></m:RootFolder>"));
    ASSERT_THAT(page.folders, SizeIs(2));
    expect_that_folder(page.folders.front());
    EXPECT_EQ(page.folders.back().name, "Calendar");
    EXPECT_FALSE(page.last);
    EXPECT_EQ(page.next_offset, 2U);
}

TEST(EwsAnswer, A_page_of_items) {
    const auto page = content_of<ItemPage>(answer_of(
        "FindItem",
        "<m:ResponseCode>NoError</m:ResponseCode><m:RootFolder IndexedPagingOffset=\"1\" "
        "TotalItemsInView=\"1\" IncludesLastItemInRange=\"true\"><t:Items><t:Message><t:ItemId Id=\"a\" "
        "ChangeKey=\"c\"/><t:IsRead>0</t:IsRead></t:Message></t:Items></m:RootFolder>"));
    ASSERT_THAT(page.items, SizeIs(1));
    EXPECT_EQ(page.items[0].item.id, "a");
    EXPECT_EQ(page.items[0].read, false);
    EXPECT_EQ(page.items[0].received_at, WallTime{});
    EXPECT_TRUE(page.last);
}

TEST(EwsAnswer, Pages_that_grommunio_leaves_out_are_empty) {
    const std::string nothing = "<m:ResponseCode>NoError</m:ResponseCode>";
    const auto items = content_of<ItemPage>(answer_of("FindItem", nothing));
    EXPECT_THAT(items.items, IsEmpty());
    EXPECT_TRUE(items.last);
    const auto folders = content_of<FolderPage>(answer_of("FindFolder", nothing));
    EXPECT_THAT(folders.folders, IsEmpty());
    EXPECT_TRUE(folders.last);
}

TEST(EwsAnswer, The_head_of_an_item) {
    const auto page = content_of<ItemPage>(got_item(
        "<t:ItemId Id=\"AAa\" ChangeKey=\"CQ\"/><t:Subject>Other</t:Subject>"
        "<t:DateTimeReceived>2026-11-27T10:00:01</t:DateTimeReceived><t:Size>4711</t:Size>"
        "<t:Categories><t:String>Robot</t:String><t:String>Счёт</t:String></t:Categories>"
        "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x7d\" PropertyType=\"String\"/><t:Value>"
        "From: Ann &lt;ann@example.org&gt;&#xD;\nSubject: On the wire&#xD;\n"
        "To: b@c&#xD;\nDate: Fri, 27 Nov 2026 10:00:00 +0000&#xD;\nMessage-ID: &lt;1@a&gt;&#xD;\n&#xD;\n"
        "</t:Value></t:ExtendedProperty><t:IsRead>false</t:IsRead>"));
    ASSERT_THAT(page.items, SizeIs(1));
    const Item &item = page.items.front();
    EXPECT_EQ(item.item, (ItemId{"AAa", "CQ"}));
    EXPECT_EQ(item.header_from, HeaderFrom::transport);
    EXPECT_EQ(item.header, "From: Ann <ann@example.org>\r\nSubject: On the wire\r\nTo: b@c\r\n"
                           "Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@a>\r\n");
    EXPECT_EQ(item.received_at, at(10, 0, 1, 0)) << "without a zone it is UTC";
    EXPECT_EQ(item.size, 4711);
    EXPECT_THAT(item.categories, ElementsAre("Robot", "Счёт"));
}

TEST(EwsAnswer, The_head_of_an_item_that_never_was_on_the_wire) {
    const auto page = content_of<ItemPage>(got_item(
        "<t:ItemId Id=\"AAa\"/><t:Subject>Inside</t:Subject><t:Importance>Normal</t:Importance>"
        "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x5d02\" PropertyType=\"String\"/>"
        "<t:Value>ann@corp.example</t:Value></t:ExtendedProperty>"
        "<t:ToRecipients><t:Mailbox><t:Name>Robot</t:Name><t:EmailAddress>robot@corp.example</t:EmailAddress>"
        "<t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:ToRecipients>"
        "<t:From><t:Mailbox><t:Name>Ann</t:Name><t:EmailAddress>/O=ORG/CN=ANN</t:EmailAddress>"
        "<t:RoutingType>EX</t:RoutingType></t:Mailbox></t:From>"));
    EXPECT_EQ(page.items.front().header, "From: \"Ann\" <ann@corp.example>\r\nImportance: Normal\r\n"
                                         "To: \"Robot\" <robot@corp.example>\r\nSubject: Inside\r\n");
    EXPECT_EQ(page.items.front().header_from, HeaderFrom::properties);
}

TEST(EwsAnswer, Each_message_says_for_itself_how_it_went) {
    const std::string answer = enveloped(
        "<m:UpdateItemResponse" + std::string(namespaces) +
        "<m:ResponseMessages>"
        "<m:UpdateItemResponseMessage "
        "ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode><m:Items/>"
        "</m:UpdateItemResponseMessage>"
        "<m:UpdateItemResponseMessage ResponseClass=\"Error\"><m:MessageText>The specified object was not "
        "found in the "
        "store.</m:MessageText><m:ResponseCode>ErrorItemNotFound</m:ResponseCode>"
        "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:Items/></m:UpdateItemResponseMessage>"
        "<m:UpdateItemResponseMessage ResponseClass=\"Warning\"><m:MessageText>Stopped</m:MessageText>"
        "<m:ResponseCode>ErrorBatchProcessingStopped</m:ResponseCode><m:Items/></m:UpdateItemResponseMessage>"
        "</m:ResponseMessages></m:UpdateItemResponse>");
    const Yield yield = whole(answer);
    EXPECT_EQ(yield.error, "");
    ASSERT_THAT(yield.messages, SizeIs(3));
    EXPECT_TRUE(yield.messages[0].outcome.ok);
    EXPECT_FALSE(yield.messages[1].outcome.ok);
    EXPECT_EQ(yield.messages[1].position, 1U);
    EXPECT_EQ(yield.messages[1].outcome.code, "ErrorItemNotFound");
    EXPECT_EQ(yield.messages[1].outcome.text, "The specified object was not found in the store.");
    EXPECT_FALSE(yield.messages[1].outcome.whole);
    EXPECT_FALSE(yield.messages[2].outcome.ok);
}

const std::string busy_fault =
    "<s:Fault><faultcode "
    "xmlns:a=\"http://schemas.microsoft.com/exchange/services/2006/types\">a:ErrorServerBusy"
    "</faultcode><faultstring xml:lang=\"en-US\">The server cannot service this request right now. Try again "
    "later."
    "</faultstring><detail><e:ResponseCode "
    "xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">"
    "ErrorServerBusy</e:ResponseCode><e:Message "
    "xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">"
    "The server cannot service this request right now. Try again later.</e:Message>"
    "<t:MessageXml xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\">"
    "<t:Value Name=\"BackOffMilliseconds\">297749</t:Value></t:MessageXml></detail></s:Fault>";

TEST(EwsAnswer, A_fault_is_about_the_whole_request) {
    const Yield yield = whole(enveloped(busy_fault));
    EXPECT_EQ(yield.error, "");
    ASSERT_THAT(yield.messages, SizeIs(1));
    const Outcome &outcome = yield.messages.front().outcome;
    EXPECT_FALSE(outcome.ok);
    EXPECT_TRUE(outcome.whole);
    EXPECT_EQ(outcome.code, "ErrorServerBusy");
    EXPECT_EQ(outcome.back_off, 297749ms);
    EXPECT_THAT(outcome.text, HasSubstr("Try again later"));
}

TEST(EwsAnswer, A_fault_without_a_detail_goes_by_its_faultcode) {
    const auto fault = [](const char *body) { return whole(enveloped(body)).messages.at(0).outcome; };
    EXPECT_EQ(
        fault("<s:Fault><faultcode>a:ErrorSchemaValidation</faultcode><faultstring>No</faultstring></s:Fault>")
            .code,
        "ErrorSchemaValidation");
    EXPECT_EQ(fault("<s:Fault><faultcode>s:Client</faultcode><faultstring>No</faultstring></s:Fault>").code,
              "Client");
    const Outcome newer = fault("<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason>"
                                "<s:Text xml:lang='en'>Down</s:Text></s:Reason></s:Fault>");
    EXPECT_EQ(newer.code, "Receiver");
    EXPECT_EQ(newer.text, "Down");
}

TEST(EwsAnswer, A_subscription) {
    EXPECT_EQ(content_of<Subscription>(answer_of("Subscribe", "<m:ResponseCode>NoError</m:ResponseCode>"
                                                              "<m:SubscriptionId>JgBz\n</m:SubscriptionId>"))
                  .id,
              "JgBz");
}

std::string streamed(std::string_view content, std::string_view how = "Success",
                     std::string_view code = "NoError") {
    return answer_of("GetStreamingEvents",
                     "<m:ResponseCode>" + std::string(code) + "</m:ResponseCode>" + std::string(content), how);
}

TEST(EwsAnswer, Streamed_events_are_many_answers_in_one_body) {
    const std::string hello = streamed("<m:ConnectionStatus>OK</m:ConnectionStatus>");
    const std::string alive = streamed(
        "<m:Notifications><m:Notification><t:SubscriptionId>J</t:SubscriptionId><t:PreviousWatermark>A"
        "</t:PreviousWatermark><t:MoreEvents>false</t:MoreEvents><t:StatusEvent><t:Watermark>A</t:Watermark>"
        "</t:StatusEvent></m:Notification></m:Notifications>");
    const std::string news = streamed(
        "<m:Notifications><m:Notification><t:SubscriptionId>J</t:SubscriptionId><t:CreatedEvent><t:TimeStamp>"
        "2026-11-27T10:00:01Z</t:TimeStamp><t:ItemId Id=\"a\" ChangeKey=\"c\"/><t:ParentFolderId Id=\"f\" "
        "ChangeKey=\"c\"/></t:CreatedEvent><t:NewMailEvent><t:TimeStamp>2026-11-27T10:00:01Z</t:TimeStamp>"
        "<t:ItemId Id=\"a\" ChangeKey=\"c\"/></t:NewMailEvent></m:Notification></m:Notifications>");
    const std::string bye = streamed("<m:ConnectionStatus>Closed</m:ConnectionStatus>");
    const Yield yield = whole(hello + "\r\n" + alive + news + "\xef\xbb\xbf" + bye);
    EXPECT_EQ(yield.error, "");
    ASSERT_THAT(yield.messages, SizeIs(4));
    std::vector<std::size_t> counts;
    for (const Message &message : yield.messages)
        counts.push_back(std::get<StreamingEvents>(message.content).news);
    EXPECT_THAT(counts, ElementsAre(0U, 0U, 2U, 0U));
    EXPECT_FALSE(std::get<StreamingEvents>(yield.messages[2].content).closed);
    EXPECT_TRUE(std::get<StreamingEvents>(yield.messages[3].content).closed);
}

// As grommunio writes them: what follows the first document uses prefixes that it does not declare.
TEST(EwsAnswer, Streamed_events_need_no_declared_prefixes) {
    const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><SOAP:Envelope><SOAP:Body>"
                             "<m:GetStreamingEventsResponse><m:ResponseMessages>"
                             "<m:GetStreamingEventsResponseMessage ResponseClass=\"Success\">"
                             "<m:ResponseCode>NoError</m:ResponseCode>";
    const std::string tail = "</m:GetStreamingEventsResponseMessage></m:ResponseMessages>"
                             "</m:GetStreamingEventsResponse></SOAP:Body></SOAP:Envelope>";
    const Yield yield =
        whole(streamed("<m:ConnectionStatus>OK</m:ConnectionStatus>") + head +
              "<m:Notifications><m:Notification><t:SubscriptionId>J</t:SubscriptionId><t:MoreEvents>false</"
              "t:MoreEvents>"
              "<t:NewMailEvent><t:TimeStamp>2026-11-27T10:00:01.123456700Z</t:TimeStamp><t:ItemId Id=\"a\"/>"
              "</t:NewMailEvent></m:Notification></m:Notifications>" +
              tail + head +
              "<m:ErrorSubscriptionIds><m:SubscriptionId>J</m:SubscriptionId></m:ErrorSubscriptionIds>" + tail);
    EXPECT_EQ(yield.error, "");
    ASSERT_THAT(yield.messages, SizeIs(3));
    EXPECT_EQ(std::get<StreamingEvents>(yield.messages[1].content).news, 1U);
    EXPECT_THAT(std::get<StreamingEvents>(yield.messages[2].content).lost, ElementsAre("J"));
}

TEST(EwsAnswer, A_streamed_answer_is_there_with_its_last_byte) {
    AnswerParser parser;
    const std::string news = streamed("<m:ConnectionStatus>OK</m:ConnectionStatus>");
    for (int i = 0; i < 3; ++i) {
        for (const char c : news)
            ASSERT_TRUE(parser.feed({&c, 1}).ok());
        EXPECT_TRUE(parser.next().has_value());
        EXPECT_FALSE(parser.next().has_value());
    }
}

TEST(EwsAnswer, A_lost_subscription_is_named) {
    const Yield yield = whole(streamed("<m:ErrorSubscriptionIds><t:SubscriptionId>J</t:SubscriptionId>"
                                       "</m:ErrorSubscriptionIds>",
                                       "Error", "ErrorSubscriptionNotFound"));
    ASSERT_THAT(yield.messages, SizeIs(1));
    EXPECT_EQ(yield.messages[0].outcome.code, "ErrorSubscriptionNotFound");
    EXPECT_THAT(std::get<StreamingEvents>(yield.messages[0].content).lost, ElementsAre("J"));
}

TEST(EwsAnswer, A_lost_subscription_is_named_though_the_connection_is_said_to_be_well) {
    const Yield yield = whole(streamed("<m:ErrorSubscriptionIds><t:SubscriptionId>J</t:SubscriptionId>"
                                       "</m:ErrorSubscriptionIds><m:ConnectionStatus>OK</m:ConnectionStatus>",
                                       "Error", "ErrorInvalidSubscription"));
    ASSERT_THAT(yield.messages, SizeIs(1));
    EXPECT_FALSE(yield.messages[0].outcome.ok);
    EXPECT_THAT(std::get<StreamingEvents>(yield.messages[0].content).lost, ElementsAre("J"));
}

std::string mime_message(std::string_view id, std::string_view base64) {
    return "<m:GetItemResponseMessage "
           "ResponseClass=\"Success\"><m:ResponseCode>NoError</m:ResponseCode><m:Items>"
           "<t:Message><t:MimeContent CharacterSet=\"UTF-8\">" +
           std::string(base64) + "</t:MimeContent><t:ItemId Id=\"" + std::string(id) +
           "\" ChangeKey=\"c\"/></t:Message></m:Items></m:GetItemResponseMessage>";
}

std::string mimes(std::string_view messages) {
    return enveloped("<m:GetItemResponse" + std::string(namespaces) + "<m:ResponseMessages>" +
                     std::string(messages) + "</m:ResponseMessages></m:GetItemResponse>");
}

const std::string gone_message =
    "<m:GetItemResponseMessage ResponseClass=\"Error\"><m:MessageText>Not found.</m:MessageText>"
    "<m:ResponseCode>ErrorItemNotFound</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey><m:Items/>"
    "</m:GetItemResponseMessage>";

TEST(EwsAnswer, Whole_mails_are_handed_on_decoded_each_at_its_place) {
    const std::vector<ItemId> asked{{"a"}, {"b"}, {"c"}};
    const std::string answer =
        mimes(mime_message("a", "U3ViamVjdDogMQ0KDQpo\r\nZWxsbw==") + gone_message + mime_message("c", "\r\n"));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, answer.size()}) {
        Kept kept;
        AnswerParser parser(kept, asked);
        const Yield yield = yield_of(parser, answer, piece);
        EXPECT_EQ(yield.error, "");
        ASSERT_THAT(kept.all, SizeIs(2));
        EXPECT_EQ(kept.all[0].position, 0U);
        EXPECT_EQ(kept.all[0].bytes, "Subject: 1\r\n\r\nhello");
        EXPECT_TRUE(kept.all[0].whole);
        EXPECT_EQ(kept.all[1].position, 2U);
        EXPECT_EQ(kept.all[1].bytes, "");
        EXPECT_TRUE(kept.all[1].whole);
        ASSERT_THAT(yield.messages, SizeIs(3));
        EXPECT_EQ(yield.messages[1].outcome.code, "ErrorItemNotFound");
    }
}

TEST(EwsAnswer, A_mail_in_the_place_of_another_is_never_taken_for_it) {
    const std::vector<ItemId> two{{"a"}, {"b"}};
    const auto end_of = [](const std::vector<ItemId> &asked, const std::string &answer, Kept &kept) {
        AnswerParser parser(kept, asked);
        return yield_of(parser, answer).error;
    };
    Kept swapped, twice, more, one;
    EXPECT_THAT(end_of(two, mimes(mime_message("b", "QQ==") + mime_message("a", "QQ==")), swapped),
                HasSubstr("another mail"));
    EXPECT_FALSE(swapped.all.at(0).whole);
    EXPECT_THAT(end_of(two, mimes(mime_message("a", "QQ==") + mime_message("a", "QQ==")), twice),
                HasSubstr("another mail"));
    EXPECT_THAT(end_of({{"a"}}, mimes(mime_message("a", "QQ==") + mime_message("b", "QQ==")), more),
                HasSubstr("more mails"));
    EXPECT_EQ(end_of({{"a"}}, mimes(mime_message("A", "QQ==")), one), "")
        << "who is asked for one mail may call it by another name";
    EXPECT_TRUE(one.all.at(0).whole);
}

TEST(EwsAnswer, An_error_of_the_sink_ends_the_parsing) {
    struct Full final : MimeSink {
        Result<void> begin(std::size_t) override { return {}; }
        Result<void> write(std::string_view) override {
            return Error{Fault::storage, "fetch", "full", {}, {}, {}};
        }
        Result<void> end(std::size_t) override { return {}; }
    };
    Full full;
    const std::vector<ItemId> asked{{"a"}};
    AnswerParser parser(full, asked);
    const Yield yield = yield_of(parser, mimes(mime_message("a", "QQ==")));
    EXPECT_EQ(yield.why.fault, Fault::storage);
    EXPECT_EQ(yield.error, "full");
}

} // namespace
} // namespace roe::ews
