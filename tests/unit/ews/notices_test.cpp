#include "source/ews/notices.hpp"

#include <cstdio>

#include <gmock/gmock.h>

#include "given_answer.hpp"
#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string chunked(const Piece &message) {
    const auto document = enveloped(messages_body("GetStreamingEvents", {message}));
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", document.size());
    return size + document + "\r\n";
}

std::string chunked(const std::string &inner) {
    return chunked(Piece{"NoError", inner});
}

const std::string stream_begun =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string last_chunk = "0\r\n\r\n";
const std::string stream_closed = chunked("<m:ConnectionStatus>Closed</m:ConnectionStatus>") + last_chunk;

class Streaming : public Source {
  protected:
    void SetUp() override {
        Source::SetUp();
        server->answer("Subscribe",
                       {messages_body("Subscribe", {{"NoError", "<m:SubscriptionId>sub</m:SubscriptionId>"}})});
        server->answer("GetStreamingEvents",
                       {stream_begun + chunked("<m:ConnectionStatus>OK</m:ConnectionStatus>")});
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
    EXPECT_THAT(server->heads().back(), HasSubstr("Accept-Encoding: identity")) << "news wait in no window";
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
    server->say(stream_closed);
    EXPECT_TRUE(woken());
    EXPECT_EQ(source->descriptor(), -1);
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(2));
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(1));
}

TEST_F(Streaming, A_subscription_that_the_server_has_lost_is_made_anew) {
    park();
    park();
    server->say(chunked(Piece{"ErrorSubscriptionNotFound"}) + last_chunk);
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::look_first);
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(2));
}

TEST_F(Streaming, After_a_notice_the_server_is_asked_whatever_else_is_known) {
    park();
    park();
    ASSERT_TRUE(source->look(0, 5, Bodies::later).ok());
    book->names = {"a"};
    server->say(event("NewMailEvent"));
    ASSERT_TRUE(woken());
    server->answer("SyncFolderItems", {sync_body("s2", true, {{"b"}})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")})});
    const auto look = source->look(0, 5, Bodies::later);
    ASSERT_TRUE(look.ok());
    EXPECT_THAT(look->heads, SizeIs(2));
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
    const auto status = source->status();
    ASSERT_TRUE(status.ok());
    EXPECT_FALSE(status->can_push);
    EXPECT_EQ(status->mode, "polling");
}

TEST_F(Streaming, A_server_that_ends_each_answer_at_once_is_polled) {
    server->answer("GetStreamingEvents", {stream_begun + stream_closed});
    int looks = 0;
    while (park() == Parking::look_first)
        ASSERT_LT(++looks, 10);
    EXPECT_EQ(park(), Parking::deaf);
}

TEST_F(Streaming, Who_is_not_told_asks_whether_there_is_more_than_is_known) {
    server->answer("Subscribe", {fault_body("ErrorSchemaValidation")});
    EXPECT_EQ(park(), Parking::deaf);
    server->answer("SyncFolderItems",
                   {sync_body("s2", true, {{"c"}, {"b"}, {"a"}}), sync_body("s3", true, {})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")}),
                               messages_body("GetItem", {mail_piece("c", "C")})});
    const auto before = server->asked("SyncFolderItems").size();
    ASSERT_TRUE(source->look(0, 2, Bodies::later).ok());
    ASSERT_TRUE(source->look(2, 2, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(before + 2));
}

TEST_F(Streaming, Answers_that_end_after_a_while_are_followed_by_others_for_ever) {
    park();
    for (int ends = 0; ends < 5; ++ends) {
        EXPECT_EQ(park(), Parking::parked);
        clock->past += 9min;
        server->say(stream_closed);
        EXPECT_TRUE(woken());
    }
}

TEST_F(Streaming, Answers_that_end_at_once_and_told_of_news_are_followed_by_others_for_ever) {
    park();
    for (int ends = 0; ends < 5; ++ends) {
        EXPECT_EQ(park(), Parking::parked);
        server->say(event("NewMailEvent") + stream_closed);
        EXPECT_TRUE(woken());
    }
}

TEST_F(Streaming, An_end_that_is_said_and_not_carried_out_is_one) {
    park();
    park();
    clock->past += 9min;
    server->say(chunked("<m:ConnectionStatus>Closed</m:ConnectionStatus>"));
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::parked);
    EXPECT_THAT(server->asked("GetStreamingEvents"), SizeIs(2));
}

TEST_F(Streaming, A_subscription_that_is_named_as_lost_is_made_anew_whatever_the_reason) {
    park();
    park();
    server->say(
        chunked(Piece{"ErrorUnheardOf", "<m:ErrorSubscriptionIds><t:SubscriptionId>sub</t:SubscriptionId>"
                                        "</m:ErrorSubscriptionIds>"}));
    EXPECT_TRUE(woken());
    park();
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(2));
}

TEST_F(Streaming, A_subscription_that_was_lost_meanwhile_is_made_anew_but_not_for_ever) {
    server->answer("GetStreamingEvents", {fault_body("ErrorSubscriptionNotFound")});
    int looks = 0;
    while (park() == Parking::look_first)
        ASSERT_LT(++looks, 10);
    EXPECT_EQ(park(), Parking::deaf);
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(looks));
    EXPECT_GT(looks, 1);
}

TEST_F(Streaming, A_server_that_has_its_own_words_for_no_is_polled) {
    const std::string no = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
    server->answer("GetStreamingEvents", {no});
    EXPECT_EQ(park(), Parking::deaf);
    for (const auto &answer : {no, fault_body("ErrorInternalServerError")}) {
        open();
        server->answer("Subscribe", {answer});
        EXPECT_EQ(park(), Parking::deaf);
        EXPECT_EQ(park(), Parking::deaf);
    }
    EXPECT_THAT(server->asked("Subscribe"), SizeIs(3)) << "who was refused does not ask again";
}

TEST_F(Streaming, An_answer_that_something_on_the_way_holds_back_is_no_use) {
    server->answer("GetStreamingEvents", {std::string(ScriptedExchange::silence)});
    EXPECT_EQ(park(), Parking::deaf);
}

TEST_F(Streaming, A_stream_that_is_refused_in_the_middle_is_polled_instead) {
    park();
    park();
    server->say(chunked(Piece{"ErrorExceededConnectionCount"}) + last_chunk);
    EXPECT_TRUE(woken());
    EXPECT_EQ(park(), Parking::deaf);
}

TEST_F(Streaming, A_fault_that_passes_and_a_way_that_is_cut_leave_the_server_one_that_pushes) {
    for (const auto &answers : {std::vector{fault_body("ErrorMailboxStoreUnavailable")}, {}}) {
        open();
        server->answer("Subscribe", answers);
        auto parked = source->park();
        ASSERT_FALSE(parked.ok());
        EXPECT_EQ(parked.error().fault, Fault::unreachable);
        EXPECT_TRUE(source->status()->can_push);
    }
}

TEST_F(Streaming, That_the_server_is_busy_or_the_login_refused_is_told_wherever_it_is_said) {
    const std::string back_off =
        "<m:MessageXml><t:Value Name=\"BackOffMilliseconds\">7000</t:Value></m:MessageXml>";
    park();
    park();
    server->say(chunked(Piece{"ErrorServerBusy", back_off}) + last_chunk);
    auto look = source->unpark(true);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::throttled);
    EXPECT_EQ(look.error().retry_after, 7s);
    park();
    server->say(chunked(Piece{"ErrorPasswordExpired"}) + last_chunk);
    look = source->unpark(true);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::login_refused);

    open();
    server->answer("Subscribe", {messages_body("Subscribe", {{"ErrorServerBusy", back_off}})});
    const auto parked = source->park();
    ASSERT_FALSE(parked.ok());
    EXPECT_EQ(parked.error().retry_after, 7s);
}

TEST_F(Streaming, News_behind_many_signs_of_life_are_heard_of_at_once) {
    std::string many;
    while (many.size() < 10'000)
        many += event("StatusEvent");
    park();
    park();
    server->say(many + event("NewMailEvent"));
    EXPECT_TRUE(woken());

    open();
    server->answer("GetStreamingEvents", {stream_begun + many + event("NewMailEvent")});
    EXPECT_EQ(park(), Parking::look_first);
    EXPECT_EQ(park(), Parking::look_first);
    EXPECT_EQ(park(), Parking::parked);
}

TEST_F(Streaming, Events_that_the_server_could_not_tell_of_are_looked_for) {
    park();
    park();
    server->say(chunked("<m:Notifications><m:Notification><t:SubscriptionId>sub</t:SubscriptionId>"
                        "<t:MoreEvents>true</t:MoreEvents></m:Notification></m:Notifications>"));
    EXPECT_TRUE(woken());
}

TEST_F(Streaming, Every_way_for_a_mail_to_come_into_the_folder_is_subscribed_to) {
    park();
    for (const auto *kind : {"CopiedEvent", "CreatedEvent", "MovedEvent", "NewMailEvent"})
        EXPECT_THAT(server->asked("Subscribe").at(0), HasSubstr("<t:EventType>" + std::string(kind) + "<"));
    EXPECT_THAT(server->asked("Subscribe").at(0), HasSubstr("<t:FolderId Id=\"inbox-id\"/>"));
}

TEST_F(Streaming, It_is_broken_off_and_closed_with_its_source) {
    park();
    park();
    source->close();
    EXPECT_EQ(source->descriptor(), -1);

    for (const bool parked : {true, false}) {
        open();
        if (parked) park();
        source->cancel();
        auto heard = parked ? source->unpark(true) : Result<bool>(source->park().error());
        ASSERT_FALSE(heard.ok());
        EXPECT_EQ(heard.error().fault, Fault::cancelled);
    }
}

} // namespace
} // namespace roe::ews
