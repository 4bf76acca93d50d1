#include "source/ews/ews_source.hpp"

#include <gmock/gmock.h>

#include "given_answer.hpp"
#include "scripted_exchange.hpp"

namespace roe::ews {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SteppedClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(1h) + past; }
    [[nodiscard]] WallTime wall() const override { return WallTime(1h); }
    std::chrono::milliseconds past{};
};

struct KeptMails final : RawSink {
    std::map<std::string, std::string> mails;
    std::map<std::string, std::string> refused;

    Result<void> begin(const MailRef &ref, std::int64_t) override {
        mails[ref.uid];
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        open += bytes;
        return {};
    }
    Result<void> end(const MailRef &ref) override {
        mails[ref.uid] = std::exchange(open, {});
        return {};
    }
    void withheld(const MailRef &ref, const Error &why) override { refused[ref.uid] = why.server_text; }

    std::string open;
};

class Source : public testing::Test {
  protected:
    void SetUp() override {
        server->answer("GetFolder", {folder_body("GetFolder", "inbox-id", 3)});
        server->answer("SyncFolderItems", {sync_body("s1", true, {})});
        server->answer("GetItem", {messages_body("GetItem", {})});
    }

    FolderStatus open() {
        Account account;
        account.host = "mail.example.com";
        account.port = 80;
        account.security = Security::plain;
        account.authenticate = false;
        account.exchange = {"/EWS/Exchange.asmx", "ann@example.com", false, false};
        source = make_source(std::move(account), server, clock, book);
        auto opened = source->open();
        EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
        clock->past += 5s;
        return opened ? *opened : FolderStatus();
    }

    std::vector<MailRef> refs_of(const std::vector<std::string> &names) {
        std::vector<MailRef> refs;
        refs.reserve(names.size());
        for (const auto &name : names)
            refs.push_back({static_cast<std::int64_t>(refs.size()) + 1, name});
        return refs;
    }

    std::shared_ptr<ScriptedExchange> server = std::make_shared<ScriptedExchange>();
    std::shared_ptr<SteppedClock> clock = std::make_shared<SteppedClock>();
    std::shared_ptr<KeptBook> book = std::make_shared<KeptBook>();
    std::unique_ptr<MailSource> source;
};

TEST_F(Source, Mails_are_noted_in_the_order_in_which_they_came_over_all_pages) {
    server->answer("SyncFolderItems",
                   {sync_body("s1", false, {{"d", "2026-11-27T10:04:00Z"}, {"c", "2026-11-27T10:03:00Z"}}),
                    sync_body("s2", true, {{"b", "2026-11-27T10:02:00Z"}, {"a", "2026-11-27T10:02:00Z"}})});
    EXPECT_EQ(open().newest, 4);
    EXPECT_THAT(book->names, ElementsAre("a", "b", "c", "d"));
    EXPECT_EQ(book->taken, 1) << "pages that come together are written together";
    EXPECT_EQ(book->state, "s2");
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), HasSubstr("<m:SyncState>s1</m:SyncState>"));
}

TEST_F(Source, A_mail_that_came_and_went_between_two_looks_is_gone) {
    book->state = "s0";
    server->answer("SyncFolderItems",
                   {sync_body("s1", false, {{"a"}, {"b"}}), sync_body("s2", true, {}, {"a"})});
    open();
    EXPECT_THAT(book->names, ElementsAre("b"));
}

TEST_F(Source, Nothing_is_written_when_nothing_changed) {
    book->state = "s0";
    open();
    EXPECT_EQ(book->taken, 0);
    ASSERT_TRUE(source->look(0, 10, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems").back(), HasSubstr("<m:SyncState>s1</m:SyncState>"));
}

TEST_F(Source, A_state_that_the_server_refuses_is_dropped_and_everything_is_listed_anew) {
    book->state = "old";
    book->names = {"a", "b"};
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}}),
                                       sync_body("s1", true, {{"b"}, {"c"}})});
    EXPECT_EQ(open().newest, 3);
    EXPECT_THAT(book->names, ElementsAre("", "b", "c"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), Not(HasSubstr("SyncState")));
}

TEST_F(Source, A_server_that_tells_the_same_for_ever_is_not_listened_to) {
    book->state = "s1";
    server->answer("SyncFolderItems", {sync_body("s1", false, {})});
    source.reset();
    Account account;
    account.host = "mail.example.com";
    account.security = Security::plain;
    account.authenticate = false;
    account.exchange.path = "/";
    const auto opened = make_source(account, server, clock, book)->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(const_cast<Result<FolderStatus> &>(opened).error().fault, Fault::protocol);
}

TEST_F(Source, A_window_that_known_mails_fill_asks_the_server_for_no_more) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"c"}, {"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")}),
                               messages_body("GetItem", {mail_piece("c", "C")})});
    const auto first = source->look(0, 2, Bodies::later);
    ASSERT_TRUE(first.ok());
    EXPECT_THAT(first->heads, SizeIs(2));
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->complete_to, 2);
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(1));
    const auto second = source->look(2, 2, Bodies::later);
    ASSERT_TRUE(second.ok());
    EXPECT_THAT(second->heads, SizeIs(1));
    EXPECT_FALSE(second->more);
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(2));
}

TEST_F(Source, A_mail_that_is_gone_is_left_out_and_one_that_is_refused_has_no_header) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"c"}, {"b"}, {"a"}})});
    open();
    server->answer(
        "GetItem",
        {messages_body("GetItem", {{"ErrorItemNotFound"}, {"ErrorItemCorrupt"}, mail_piece("c", "C")})});
    const auto look = source->look(0, 10, Bodies::later);
    ASSERT_TRUE(look.ok());
    ASSERT_THAT(look->heads, SizeIs(2));
    EXPECT_EQ(look->heads[0].ref.uid, "b");
    EXPECT_TRUE(look->heads[0].header_withheld);
    EXPECT_THAT(look->heads[1].header, HasSubstr("Subject: C"));
    EXPECT_EQ(look->complete_to, 3);
}

TEST_F(Source, An_answer_that_leaves_a_mail_out_passes_over_none) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A")})});
    EXPECT_FALSE(source->look(0, 10, Bodies::later).ok());
}

TEST_F(Source, Small_mails_that_are_wanted_anyway_come_with_their_heads) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A", "Subject: A\r\n\r\nText A"),
                                                         mail_piece("b", "B", "Subject: B\r\n\r\nText B")})});
    auto look = source->look(0, 10, Bodies::with_heads);
    ASSERT_TRUE(look.ok()) << look.error().text();
    const auto requests = server->requests();
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b"}), kept).ok());
    EXPECT_EQ(server->requests(), requests);
    EXPECT_EQ(kept.mails.at("b"), "Subject: B\r\n\r\nText B");
}

TEST_F(Source, Large_mails_are_fetched_when_they_were_decided_on_a_batch_at_a_time) {
    constexpr int large = 6 << 20;
    server->answer(
        "SyncFolderItems",
        {sync_body("s1", true, {{"a", "2026-11-27T10:00:00Z", large}, {"b", "2026-11-27T10:01:00Z", large}})});
    open();
    auto heads = messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")});
    for (auto at = heads.find("<t:Size>100<"); at != std::string::npos; at = heads.find("<t:Size>100<"))
        heads.replace(at, 12, "<t:Size>" + std::to_string(large) + "<");
    server->answer("GetItem", {heads, messages_body("GetItem", {mail_piece("a", "A", "Whole A")}),
                               messages_body("GetItem", {mail_piece("b", "B", "Whole B")})});
    ASSERT_TRUE(source->look(0, 10, Bodies::with_heads).ok());
    EXPECT_THAT(server->asked("GetItem").back(), Not(HasSubstr("IncludeMimeContent")));
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b"}), kept).ok());
    EXPECT_THAT(server->asked("GetItem"), SizeIs(3));
    EXPECT_EQ(kept.mails.at("a"), "Whole A");
    EXPECT_EQ(kept.mails.at("b"), "Whole B");
}

TEST_F(Source, A_mail_that_is_not_handed_out_is_named_and_the_others_come) {
    open();
    server->answer("GetItem", {messages_body("GetItem", {{"ErrorContentConversionFailed"},
                                                         {"ErrorItemNotFound"},
                                                         mail_piece("c", "C"),
                                                         mail_piece("d", "D", "Whole D")})});
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b", "c", "d"}), kept).ok());
    EXPECT_THAT(kept.mails, ElementsAre(testing::Pair("d", "Whole D")));
    EXPECT_THAT(kept.refused, SizeIs(2));
    EXPECT_THAT(kept.refused.at("a"), HasSubstr("ErrorContentConversionFailed"));
    EXPECT_TRUE(kept.refused.contains("c"));
}

TEST_F(Source, What_was_done_already_is_done_and_a_refusal_does_not_keep_others_from_it) {
    open();
    server->answer("DeleteItem", {messages_body("DeleteItem", {{"ErrorItemNotFound"}, {"NoError"}})});
    EXPECT_TRUE(source->dispose(refs_of({"a", "b"}), {.remove = true}).ok());
    server->answer("DeleteItem", {messages_body("DeleteItem", {{"ErrorAccessDenied"}, {"NoError"}})});
    auto refused = source->dispose(refs_of({"a", "b"}), {.remove = true});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused);
}

TEST_F(Source, A_category_is_added_to_those_that_the_mail_has) {
    open();
    const auto with = [](const std::string &id, const std::string &categories) {
        return Piece{"NoError", "<m:Items><t:Message><t:ItemId Id=\"" + id + "\"/><t:Categories>" + categories +
                                    "</t:Categories></t:Message></m:Items>"};
    };
    server->answer("GetItem", {messages_body("GetItem", {with("a", "<t:String>Red</t:String>"),
                                                         with("b", "<t:String>Robot</t:String>")})});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}, {}})});
    Disposal what;
    what.keyword = "Robot";
    ASSERT_TRUE(source->dispose(refs_of({"a", "b"}), what).ok());
    EXPECT_THAT(server->asked("UpdateItem").at(0),
                HasSubstr("<t:String>Red</t:String><t:String>Robot</t:String>"));
    EXPECT_THAT(server->asked("UpdateItem").at(0), HasSubstr("<t:IsRead>true</t:IsRead>"));
}

TEST_F(Source, A_mail_is_not_moved_to_where_it_is) {
    open();
    const std::string inbox = "<m:RootFolder IncludesLastItemInRange=\"true\"><t:Folders><t:Folder>"
                              "<t:FolderId Id=\"inbox-id\"/><t:DisplayName>Posteingang</t:DisplayName>"
                              "</t:Folder></t:Folders></m:RootFolder>";
    server->answer("FindFolder", {messages_body("FindFolder", {{"NoError", inbox}})});
    Disposal what;
    what.move_to = "Posteingang";
    auto refused = source->dispose(refs_of({"a"}), what);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused);
    EXPECT_THAT(server->asked("MoveItem"), IsEmpty());
    what.move_to = "Erledigt";
    refused = source->dispose(refs_of({"a"}), what);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused) << "the session goes on, and jobs start";
    EXPECT_THAT(refused.error().advice, HasSubstr("Posteingang"));
}

TEST_F(Source, The_newest_version_that_the_server_knows_is_spoken_and_an_older_one_where_it_is_refused) {
    server->answer("SyncFolderItems", {fault_body("ErrorInvalidServerVersion"), sync_body("s1", true, {})});
    open();
    EXPECT_THAT(server->asked("GetFolder").at(0), HasSubstr("Exchange2010_SP2"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(0), HasSubstr("Exchange2016"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), HasSubstr("Exchange2013_SP1"));
}

TEST_F(Source, A_redirect_to_another_path_of_the_server_is_followed) {
    server->answer("GetFolder",
                   {"HTTP/1.1 302 Found\r\nLocation: /ews/Exchange.asmx\r\nContent-Length: 0\r\n\r\n",
                    folder_body("GetFolder", "inbox-id", 3)});
    EXPECT_EQ(open().count, 3);
    EXPECT_THAT(server->paths(), ElementsAre("/EWS/Exchange.asmx", "/ews/Exchange.asmx", "/ews/Exchange.asmx"));
}

TEST_F(Source, A_server_that_is_busy_says_for_how_long) {
    open();
    server->answer(
        "SyncFolderItems",
        {fault_body("ErrorServerBusy",
                    "<t:MessageXml xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\">"
                    "<t:Value Name=\"BackOffMilliseconds\">297749</t:Value></t:MessageXml>")});
    auto look = source->look(0, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::throttled);
    EXPECT_EQ(look.error().retry_after, 297749ms);
}

std::string chunked(const std::string &inner) {
    const auto document = enveloped(messages_body("GetStreamingEvents", {{"NoError", inner}}));
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", document.size());
    return size + document + "\r\n";
}

class Streaming : public Source {
  protected:
    void SetUp() override {
        Source::SetUp();
        server->answer("Subscribe",
                       {messages_body("Subscribe", {{"NoError", "<m:SubscriptionId>sub</m:SubscriptionId>"}})});
        server->answer("GetStreamingEvents",
                       {"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        chunked("<m:ConnectionStatus>OK</m:ConnectionStatus>")});
        open();
    }
    Parking park() {
        auto parked = source->park();
        EXPECT_TRUE(parked.ok()) << (parked ? "" : parked.error().text());
        return parked ? *parked : Parking::deaf;
    }
    bool woken() {
        auto look = source->unpark(true);
        EXPECT_TRUE(look.ok()) << (look ? "" : look.error().text());
        return look && *look;
    }
    bool timed() {
        auto look = source->unpark(false);
        EXPECT_TRUE(look.ok()) << (look ? "" : look.error().text());
        return look && *look;
    }
    static std::string event(const std::string &kind) {
        return chunked("<m:Notifications><m:Notification><t:SubscriptionId>sub</t:SubscriptionId><t:" + kind +
                       "><t:TimeStamp>2026-11-27T10:00:00Z</t:TimeStamp></t:" + kind +
                       "></m:Notification></m:Notifications>");
    }
};

TEST_F(Streaming, What_came_before_the_server_tells_is_looked_for_and_then_it_is_waited) {
    EXPECT_EQ(park(), Parking::look_first);
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_EQ(source->descriptor(), 7);
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(1));
}

TEST_F(Streaming, News_are_looked_for_and_signs_of_life_are_not) {
    park();
    park();
    server->say(event("StatusEvent"));
    EXPECT_FALSE(woken());
    EXPECT_FALSE(woken()) << "TLS wakes the descriptor without data, too";
    server->say(event("NewMailEvent"));
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(1));
}

TEST_F(Streaming, The_rest_of_what_was_told_is_read_without_asking_whether_there_is_more) {
    park();
    park();
    server->answer("SyncFolderItems",
                   {sync_body("s2", true, {{"c"}, {"b"}, {"a"}}), sync_body("s3", true, {})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")}),
                               messages_body("GetItem", {mail_piece("c", "C")})});
    const auto before = server->asked("SyncFolderItems").size();
    const auto first = source->look(0, 2, Bodies::later);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(first->more);
    const auto second = source->look(2, 2, Bodies::later);
    ASSERT_TRUE(second.ok());
    EXPECT_THAT(second->heads, SizeIs(1));
    EXPECT_FALSE(second->more);
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(before + 1));
    ASSERT_TRUE(source->look(3, 2, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(before + 2));
}

TEST_F(Streaming, After_a_sync_that_failed_the_server_is_asked_again_whatever_is_known) {
    park();
    park();
    server->answer("SyncFolderItems", {sync_body("s2", true, {{"b"}, {"a"}}), fault_body("ErrorServerBusy"),
                                       sync_body("s3", true, {{"c"}})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")}),
                               messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B"),
                                                         mail_piece("c", "C")})});
    ASSERT_TRUE(source->look(0, 5, Bodies::later).ok());
    ASSERT_FALSE(source->look(2, 5, Bodies::later).ok());
    const auto again = source->look(0, 5, Bodies::later);
    ASSERT_TRUE(again.ok());
    EXPECT_THAT(again->heads, SizeIs(3));
}

TEST_F(Streaming, An_answer_that_ends_is_followed_by_another_of_the_same_subscription) {
    park();
    park();
    clock->past += 9min;
    server->say(chunked("<m:ConnectionStatus>Closed</m:ConnectionStatus>") + "0\r\n\r\n");
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(2));
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(1));
}

TEST_F(Streaming, A_subscription_that_the_server_has_lost_is_made_anew) {
    park();
    park();
    const auto lost = enveloped(messages_body("GetStreamingEvents", {{"ErrorSubscriptionNotFound"}}));
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", lost.size());
    server->say(size + lost + "\r\n0\r\n\r\n");
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::look_first);
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(2));
}

TEST_F(Streaming, A_look_leaves_the_stream_alone) {
    park();
    park();
    clock->past += 60s;
    EXPECT_FALSE(timed());
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(1));
}

TEST_F(Streaming, A_stream_without_a_sign_of_life_is_renewed) {
    park();
    park();
    EXPECT_GE(source->park_limit(), 2min);
    EXPECT_LE(source->park_limit(), 3min);
    clock->past += source->park_limit();
    EXPECT_FALSE(timed());
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(2));
    EXPECT_GE(source->park_limit(), 2min);
}

TEST_F(Streaming, A_stream_with_signs_of_life_is_renewed_only_when_its_time_is_over) {
    park();
    park();
    std::chrono::milliseconds lived{};
    for (; lived < 9min; lived += 45s) {
        EXPECT_FALSE(timed());
        EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(1)) << lived.count();
        clock->past += 45s;
        server->say(event("StatusEvent"));
        EXPECT_FALSE(woken());
    }
    EXPECT_LE(source->park_limit(), 1min) << "the server was to end it after nine minutes";
    clock->past += source->park_limit();
    EXPECT_FALSE(timed());
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(2));
}

TEST_F(Streaming, A_server_without_streaming_and_a_login_that_may_have_no_more_of_it_are_polled) {
    server->answer("Subscribe", {messages_body("Subscribe", {{"ErrorExceededSubscriptionCount"}})});
    EXPECT_EQ(park(), Parking::deaf);
    open();
    server->answer("Subscribe", {fault_body("ErrorSchemaValidation")});
    EXPECT_EQ(park(), Parking::deaf);
}

TEST_F(Streaming, A_server_that_ends_each_answer_at_once_is_polled) {
    server->answer("GetStreamingEvents",
                   {"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    chunked("<m:ConnectionStatus>Closed</m:ConnectionStatus>") + "0\r\n\r\n"});
    int looks = 0;
    while (park() == Parking::look_first)
        ASSERT_LT(++looks, 10);
    EXPECT_EQ(park(), Parking::deaf);
}

} // namespace
} // namespace roe::ews
