#include "source/ews/notices.hpp"

#include <cstdio>

#include <gmock/gmock.h>

#include "given_answer.hpp"
#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::SizeIs;

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
