// Live events: the log that readers follow, and GET /api/events.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/event_log.hpp"
#include "http/stream_seats.hpp"
#include "support/event_stream.hpp"
#include "support/running_host.hpp"

namespace {

using host::http::EventLog;
using host::http::StreamSeats;
using host::testing::EventStream;
using nlohmann::json;
using ::testing::HasSubstr;

std::vector<host::http::Event> events(int count) {
    std::vector<host::http::Event> list;
    for (int number = 0; number < count; ++number)
        list.push_back({"job", "", std::to_string(number)});
    return list;
}

TEST(EventLogTest, A_reader_gets_everything_after_its_cursor_in_order) {
    EventLog log;
    const EventLog::Listener listener(log);
    const auto start = log.now();
    log.append(events(5));
    auto piece = log.read(start, 3);
    EXPECT_FALSE(piece.lost);
    ASSERT_EQ(piece.events.size(), 3U);
    EXPECT_EQ(piece.events[0]->data, "0");
    piece = log.read(piece.cursor, 3);
    ASSERT_EQ(piece.events.size(), 2U);
    EXPECT_EQ(piece.events[1]->data, "4");
    EXPECT_EQ(piece.cursor, log.now());
    EXPECT_TRUE(log.read(piece.cursor, 3).events.empty());
}

TEST(EventLogTest, What_is_kept_is_bounded_and_a_reader_that_falls_behind_is_told) {
    EventLog log({.events = 4});
    const EventLog::Listener listener(log);
    const auto start = log.now();
    log.append(events(10));
    const auto piece = log.read(start, 100);
    EXPECT_TRUE(piece.lost);
    ASSERT_EQ(piece.events.size(), 4U);
    EXPECT_EQ(piece.events[0]->data, "6");
    EXPECT_FALSE(log.read(piece.cursor, 100).lost);

    EventLog small({.bytes = 2000});
    const EventLog::Listener another(small);
    const auto before = small.now();
    small.append({{"job", "", std::string(1500, 'x')}, {"job", "", std::string(1500, 'y')}});
    EXPECT_TRUE(small.read(before, 100).lost);
    EXPECT_EQ(small.read(before, 100).events.size(), 1U);
}

TEST(EventLogTest, While_nobody_listens_nothing_is_awaited_and_who_comes_back_late_is_told) {
    EventLog log({.memory = std::chrono::milliseconds(0)});
    EXPECT_FALSE(log.awaited());
    std::uint64_t seen = 0;
    {
        const EventLog::Listener listener(log);
        EXPECT_TRUE(log.awaited());
        seen = log.now();
    }
    EXPECT_FALSE(log.awaited());
    const EventLog::Listener again(log);
    EXPECT_TRUE(log.read(seen, 10).lost);
}

TEST(EventLogTest, A_cursor_of_another_run_or_of_the_future_has_lost_everything) {
    EventLog log;
    EventLog other;
    const EventLog::Listener listener(log);
    EXPECT_EQ(log.cursor_of(log.name_of(log.now())), log.now());
    for (const std::string &name : {other.name_of(1), log.name_of(log.now() + 1), std::string("x"),
                                    std::string(), log.name_of(1) + "x"}) {
        EXPECT_TRUE(log.read(log.cursor_of(name), 1).lost) << name;
    }
}

TEST(EventLogTest, Waiting_ends_with_the_next_event_and_when_the_log_is_closed) {
    EventLog log;
    const EventLog::Listener listener(log);
    const auto start = log.now();
    std::thread writer([&] { log.append(events(1)); });
    log.wait(start, std::chrono::minutes(1));
    EXPECT_GT(log.now(), start);
    writer.join();
    std::thread closer([&] { log.close(); });
    log.wait(log.now(), std::chrono::minutes(1));
    EXPECT_TRUE(log.closed());
    closer.join();
}

TEST(StreamSeatsTest, Nobody_takes_them_all_and_a_seat_that_is_left_is_free_again) {
    StreamSeats seats(3, 2);
    auto first = seats.take("ann");
    const auto second = seats.take("ann");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(seats.take("ann")) << "two are his";
    const auto third = seats.take("bob");
    EXPECT_TRUE(third);
    EXPECT_FALSE(seats.take("eve")) << "none is left";
    first.reset();
    EXPECT_TRUE(seats.take("eve"));
    EXPECT_EQ(seats.taken(), 2U);
}

class Events : public host::testing::RunningHost {
  protected:
    EventStream listen(const std::string &token, const std::map<std::string, std::string> &more = {}) {
        std::map<std::string, std::string> headers{{"Authorization", "Bearer " + token}};
        headers.insert(more.begin(), more.end());
        return {host_->address(), headers};
    }
    json started_task() {
        auto root = as("root-token");
        auto made = root.post("/api/tasks", task()).json();
        root.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
        return made;
    }
};

TEST_F(Events, A_job_is_seen_from_its_beginning_to_its_end) {
    start();
    auto stream = listen("joe-token");
    ASSERT_EQ(stream.status(), 200);
    EXPECT_EQ(stream.header("Content-Type"), "text/event-stream");
    ASSERT_EQ(stream.next()->kind, "open");
    const auto made = started_task();
    auto event = stream.next("job");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->data["task"], made["id"]);
    EXPECT_FALSE(event->data.contains("payload"));
    const auto job = event->data["id"];
    while (event && event->data["endedAt"].is_null())
        event = stream.next("job");
    ASSERT_TRUE(event);
    EXPECT_EQ(event->data["id"], job);
    EXPECT_EQ(event->data["state"], "succeeded");
}

TEST_F(Events, Changes_of_tasks_assets_and_settings_items_are_told_with_who_did_it) {
    start();
    auto stream = listen("root-token");
    ASSERT_EQ(stream.next()->kind, "open");
    auto root = as("root-token");
    const auto made = root.post("/api/tasks", task()).json();
    auto event = stream.next("journal");
    EXPECT_EQ(event->data["name"], "TaskCreated");
    EXPECT_EQ(event->data["user"], "root");
    event = stream.next("task");
    EXPECT_EQ(event->data, json({{"id", made["id"]}, {"change", "TaskCreated"}}));
    root.put("/api/assets/prices", {{"a", 1}});
    EXPECT_EQ(stream.next("asset")->data["id"], "prices");
    root.post("/api/settings-pages/probe/items", {{"Name", "x"}, {"Secret", "s"}});
    EXPECT_EQ(stream.next("settings-item")->data["change"], "IncomingEmailCreated");
}

TEST_F(Events, What_a_settings_page_shows_is_told_when_its_plugin_notes_a_change) {
    start();
    auto root = listen("root-token");
    auto boss = listen("boss-token");
    auto joe = listen("joe-token");
    for (auto *stream : {&root, &boss, &joe})
        ASSERT_EQ(stream->next()->kind, "open");
    const json change{{"id", "mb-1"}, {"values", json::object()}};
    ASSERT_EQ(as("boss-token").post("/api/settings-pages/probe/actions/change", change).status, 200);
    const auto event = boss.next();
    EXPECT_EQ(event->kind, "settings-item");
    EXPECT_EQ(event->data, json({{"id", "mb-1"}, {"change", "State"}, {"plugin", "probe"}, {"page", "probe"}}));
    as("root-token").put("/api/assets/ours", {{"a", 1}});
    EXPECT_EQ(joe.next()->data["id"], "ours") << "settings are not for a user";
    EXPECT_EQ(root.next()->kind, "journal") << "another tenant's";
}

TEST_F(Events, Nobody_hears_of_another_tenant_and_a_user_not_of_what_only_administrators_may_see) {
    start();
    auto boss = listen("boss-token");
    auto joe = listen("joe-token");
    ASSERT_EQ(boss.next()->kind, "open");
    ASSERT_EQ(joe.next()->kind, "open");
    as("root-token").put("/api/assets/ours", {{"a", 1}});
    as("boss-token").put("/api/assets/theirs", {{"a", 1}});
    auto event = boss.next();
    EXPECT_EQ(event->kind, "journal");
    EXPECT_EQ(event->data["subject"]["id"], "theirs") << "what came before it was another tenant's";
    EXPECT_EQ(joe.next()->data["id"], "ours") << "the journal is not for a user";
    EXPECT_EQ(listen("boss-token", {{"X-Orch-Tenant", ""}}).status(), 403);
    EXPECT_EQ(listen("nobody").status(), 401);
}

TEST_F(Events, A_stream_of_another_tenant_is_asked_for_in_the_query_by_those_who_may) {
    start();
    EventStream stream(host_->address(), {{"Authorization", "Bearer root-token"}}, "?tenant=acme");
    ASSERT_EQ(stream.next()->kind, "open");
    as("root-token").put("/api/assets/ours", {{"a", 1}});
    as("boss-token").put("/api/assets/theirs", {{"a", 1}});
    EXPECT_EQ(stream.next("asset")->data["id"], "theirs");
    EXPECT_EQ(EventStream(host_->address(), {{"Authorization", "Bearer boss-token"}}, "?tenant=").status(),
              403);
    EXPECT_EQ(EventStream(host_->address(), {{"Authorization", "Bearer joe-token"}}, "?tenant=acme").status(),
              403);
}

TEST_F(Events, Who_comes_back_gets_what_came_meanwhile) {
    start();
    std::string last;
    {
        auto stream = listen("joe-token");
        last = stream.next()->id;
    }
    as("root-token").put("/api/assets/one", {{"a", 1}});
    as("root-token").put("/api/assets/two", {{"a", 1}});
    auto stream = listen("joe-token", {{"Last-Event-ID", last}});
    EXPECT_EQ(stream.next()->data["id"], "one");
    const auto second = stream.next();
    EXPECT_EQ(second->data["id"], "two");
    auto again = listen("joe-token", {{"Last-Event-ID", second->id}});
    as("root-token").put("/api/assets/three", {{"a", 1}});
    EXPECT_EQ(again.next()->data["id"], "three");
    EXPECT_EQ(listen("joe-token", {{"Last-Event-ID", "of-another-run"}}).next()->kind, "reset");
}

TEST_F(Events, Streams_are_bounded_for_each_user_and_hold_up_nothing_else) {
    start();
    std::vector<std::unique_ptr<EventStream>> streams;
    const std::map<std::string, std::string> headers{{"Authorization", "Bearer joe-token"}};
    for (int number = 0; number < 16; ++number) {
        streams.push_back(std::make_unique<EventStream>(host_->address(), headers));
        ASSERT_EQ(streams.back()->status(), 200) << number;
    }
    const EventStream one_more(host_->address(), headers);
    EXPECT_EQ(one_more.status(), 503);
    EXPECT_EQ(one_more.header("Retry-After"), "5");
    EXPECT_EQ(as("joe-token").get("/api/tasks").status, 200);
    EXPECT_EQ(listen("root-token").status(), 200);
    EXPECT_THAT(as("").get("/metrics").body, HasSubstr("orch_event_streams "));
    // A seat is free again once its client has gone.
    streams.clear();
    EXPECT_TRUE(host::testing::eventually([&] { return listen("joe-token").status() == 200; }));
}

TEST_F(Events, An_open_stream_does_not_keep_the_host_from_stopping) {
    start();
    auto stream = listen("joe-token");
    ASSERT_EQ(stream.next()->kind, "open");
    host_->stop();
    EXPECT_FALSE(stream.next());
}

} // namespace
