// GET /api/dashboard, and what its figures are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboard/sample_ring.hpp"
#include "jobs/payload_reading.hpp"
#include "store/job_figures.hpp"
#include "store/jobs.hpp"
#include "support/event_stream.hpp"
#include "support/running_host.hpp"

namespace {

using namespace host;
using host::testing::Browser;
using host::testing::eventually;
using host::testing::Scratch;
using host::testing::write;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Micros minute = micros_per_minute;
constexpr Micros millisecond = 1000;

TEST(Times, A_time_is_read_from_text_in_any_zone_and_what_is_none_is_told) {
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(from_rfc3339("1970-01-01T00:00:01.250Z"), 1'250'000);
    EXPECT_EQ(from_rfc3339("1970-01-01T03:00:00+03:00"), 0);
    EXPECT_EQ(from_rfc3339(rfc3339(1'772'357'402'123'456)), 1'772'357'402'123'456);
    for (const char *none :
         {"", "x", "1970-01-01", "1970-01-01 00:00:00Z", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z",
          "1970-02-30T00:00:00Z", "1970-01-01T25:00:00Z", "aaaa-01-01T00:00:00Z"}) {
        EXPECT_FALSE(from_rfc3339(none)) << none;
    }
    EXPECT_FALSE(from_rfc3339("1970-01-01T00:00:00." + std::string(100, '0') + "Z"));
}

TEST(PayloadReadingTest, The_arrival_of_its_newest_mail_is_found_and_nothing_that_only_looks_like_it) {
    const auto at = [](const std::string &payload) { return read_payload(payload).received_at; };
    EXPECT_EQ(at(R"({"a": {"receivedAt": "1970-01-01T00:00:09Z"}, "receivedAt": "1970-01-01T00:00:01Z"})"),
              1'000'000);
    EXPECT_EQ(at(R"({"mails": [{"receivedAt": "1970-01-01T00:00:01Z"}, {"receivedAt": "1970-01-01T00:00:03Z"},
                               {"receivedAt": null}, {"receivedAt": "1970-01-01T00:00:02Z", "x": []}], "z": 1})"),
              3'000'000);
    for (const char *none :
         {"{}", R"({"receivedAt": null})", R"({"receivedAt": "yesterday"})",
          R"({"receivedAt": ["1970-01-01T00:00:01Z"]})", R"({"receivedAt": {"a": "1970-01-01T00:00:01Z"}})",
          R"({"others": [{"receivedAt": "1970-01-01T00:00:01Z"}]})",
          R"({"mails": [[{"receivedAt": "1970-01-01T00:00:01Z"}]]})",
          R"({"mails": {"a": {"receivedAt": "1970-01-01T00:00:01Z"}}})",
          R"({"receivedAt": 7, "a": "1970-01-01T00:00:01Z"})"}) {
        EXPECT_TRUE(read_payload(none).is_object) << none;
        EXPECT_FALSE(at(none)) << none;
    }
    for (const char *broken :
         {"", "[]", "7", R"({"receivedAt": "1970-01-01T00:00:01Z")", "{} {}", "{\"a\": \"\xff\"}"}) {
        EXPECT_FALSE(read_payload(broken).is_object) << broken;
        EXPECT_FALSE(at(broken)) << broken;
    }
}

TEST(PayloadReadingTest, Its_mails_are_counted_and_the_first_of_them_named) {
    const auto one = read_payload(R"({"subject": "Счёт", "x": {"subject": "no"}, "y": [{"subject": "no"}]})");
    EXPECT_EQ(one.mails, 1);
    EXPECT_EQ(one.subject, "Счёт");
    const auto more =
        read_payload(R"({"mails": [{"x": {"subject": "no"}, "subject": "first"}, {"subject": "2"}]})");
    EXPECT_EQ(more.mails, 2);
    EXPECT_EQ(more.subject, "first");
    const auto nameless = read_payload(R"({"mails": [{"subject": null}, {"subject": "2"}]})");
    EXPECT_EQ(nameless.mails, 2);
    EXPECT_FALSE(nameless.subject);
    for (const char *none : {"{}", R"({"file": "a"})", R"({"mails": []})", R"({"subject": "s")"})
        EXPECT_FALSE(read_payload(none).mails || read_payload(none).subject) << none;
    std::string longest;
    for (int i = 0; i < 300; ++i)
        longest += "Щ";
    const auto cut = read_payload(R"({"subject": "x)" + longest + "\"}").subject;
    EXPECT_EQ(cut, "x" + longest.substr(0, 498) + "…") << "between characters";
}

class JobFigures : public ::testing::Test {
  protected:
    Scratch scratch_;
    Database database_{scratch_ / "host.sqlite"};
    int last_ = 0;

    // A job that was taken, and perhaps started and ended, at these times.
    void given_job(Micros created, std::optional<Micros> started = {}, const std::string &end = "",
                   std::optional<Micros> received = {}, const std::string &tenant = "") {
        JobRow job;
        job.id = std::to_string(++last_);
        job.plugin = "probe";
        job.idempotency_key = job.id;
        job.payload = "{}";
        job.tenant = tenant;
        job.created_at = created;
        job.received_at = received;
        database_.write([&](Session &session) {
            jobs::insert(session, job);
            if (started) jobs::mark_running(session, job.id, *started);
            if (!end.empty()) jobs::mark_ended(session, job.id, {end, created + minute});
        });
    }
    std::vector<MinuteOfJobs> by_minute(Micros from, Micros before) {
        return database_.read([&](Session &session) { return jobs::by_minute(session, "", from, before); });
    }
};

TEST_F(JobFigures, Jobs_are_counted_by_the_minute_in_which_they_were_taken) {
    given_job(10 * minute, 10 * minute, "succeeded");
    given_job(11 * minute - 1, 11 * minute, "failed");
    given_job(10 * minute + 5, std::nullopt, "interrupted");
    given_job(10 * minute + 6, 10 * minute + 7);
    given_job(12 * minute);
    given_job(10 * minute, 10 * minute, "succeeded", std::nullopt, "acme");
    given_job(9 * minute);
    given_job(13 * minute);
    const auto rows = by_minute(10 * minute, 13 * minute);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].at, 10 * minute);
    EXPECT_EQ(rows[0].jobs, 4);
    EXPECT_EQ(rows[0].succeeded, 1);
    EXPECT_EQ(rows[0].failed, 1);
    EXPECT_EQ(rows[0].interrupted, 1);
    EXPECT_EQ(rows[1].at, 12 * minute);
    EXPECT_EQ(rows[1].jobs, 1);
    EXPECT_FALSE(rows[1].latency) << "it has not started";
    EXPECT_TRUE(by_minute(14 * minute, 15 * minute).empty());
}

TEST_F(JobFigures, The_time_until_the_start_counts_from_the_mail_and_the_median_is_told) {
    given_job(minute, minute + 10 * millisecond);
    given_job(minute, minute + 500 * millisecond);
    given_job(minute, minute + 20 * millisecond);
    given_job(2 * minute, 2 * minute + 1, "", 2 * minute - 29 * millisecond + 1);
    given_job(2 * minute, 2 * minute + 11 * millisecond);
    given_job(3 * minute, 3 * minute, "", 4 * minute);
    const auto rows = by_minute(minute, 4 * minute);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].latency, 20 * millisecond);
    EXPECT_EQ(rows[1].latency, 20 * millisecond) << "between 29 ms from its mail and 11 ms";
    EXPECT_EQ(rows[2].latency, 0) << "its server's clock is ahead";
}

TEST_F(JobFigures, What_has_not_ended_is_counted_for_each_tenant) {
    given_job(1);
    given_job(1);
    given_job(1, 2);
    given_job(1, 2, "succeeded");
    given_job(1, std::nullopt, "", std::nullopt, "acme");
    const auto all = database_.read([](Session &session) { return jobs::backlogs(session); });
    EXPECT_EQ(all, (std::map<std::string, JobCountsByState>{{"", {{"queued", 2}, {"running", 1}}},
                                                            {"acme", {{"queued", 1}}}}));
}

TEST_F(JobFigures, They_are_read_from_indexes_alone_however_long_the_payloads_are) {
    const auto plan = [&](const std::string &query) {
        std::vector<std::string> details;
        database_.read([&](Session &session) {
            using namespace Poco::Data::Keywords;
            std::vector<int> ignored[3];
            session << "EXPLAIN QUERY PLAN " + query, into(ignored[0]), into(ignored[1]), into(ignored[2]),
                into(details), now;
        });
        return details;
    };
    EXPECT_THAT(plan("SELECT created_at, state, started_at, received_at FROM jobs WHERE tenant = '' AND "
                     "created_at >= 1 AND created_at < 2"),
                ElementsAre(::testing::HasSubstr("COVERING INDEX jobs_by_time")));
    EXPECT_THAT(plan("SELECT tenant, state, COUNT(*) FROM jobs WHERE ended_at IS NULL GROUP BY tenant, state"),
                ElementsAre(::testing::HasSubstr("COVERING INDEX jobs_backlog")));
}

TEST(SampleRingTest, The_last_look_of_each_minute_of_a_day_is_kept) {
    SampleRing ring;
    EXPECT_THAT(ring.since(0), IsEmpty());
    EXPECT_THAT(ring.items(), IsEmpty());
    for (Micros number = 0; number < 2000; ++number) {
        ring.note(number * minute, number, {});
        ring.note(number * minute + 30 * micros_per_second, -number, {{"page", {{"well", number / 1000}}}});
    }
    const auto all = ring.since(0);
    ASSERT_EQ(all.size(), 1440U);
    EXPECT_EQ(all.front().at, 560 * minute);
    EXPECT_EQ(all.front().backlog, -560);
    EXPECT_EQ(all.back().at, 1999 * minute);
    EXPECT_EQ(ring.items(), (ItemCounts{{"page", {{"well", 1}}}}));
    EXPECT_EQ(ring.since(1998 * minute).size(), 2U);
    ring.note(1000 * minute, 7, {});
    EXPECT_EQ(ring.since(0).back().backlog, 7) << "the clock was set back";
}

class Dashboard : public host::testing::RunningHost {
  protected:
    Dashboard() { sampling_.interval = std::chrono::milliseconds(20); }

    std::string probes(const std::string &file) {
        return (scratch_ / "data" / "plugins" / "probe" / file).string();
    }
    json started_task(const json &parameters, const std::string &project) {
        auto root = as("root-token");
        auto made = root.post("/api/tasks", task(parameters, project)).json();
        root.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
        return made;
    }
    std::string given_item(Browser by, const json &state) {
        const std::string page = "/api/settings-pages/probe/items";
        const auto item = by.post(page, {{"Name", "x"}, {"Secret", "s"}}).json()["id"].get<std::string>();
        by.put(page + "/" + item, {{"state", state}});
        return page + "/" + item;
    }
    bool shows(const std::string &token, const json &items) {
        return eventually([&] { return as(token).get("/api/dashboard").json()["items"] == items; });
    }
    static std::int64_t sum(const json &dashboard, const char *what) {
        std::int64_t sum = 0;
        for (const auto &bucket : dashboard["buckets"])
            sum += bucket[what].get<std::int64_t>();
        return sum;
    }
};

TEST_F(Dashboard, There_is_a_bucket_for_each_minute_that_is_asked_for) {
    start();
    auto joe = as("joe-token");
    const auto hour = joe.get("/api/dashboard").json();
    EXPECT_EQ(hour["minutes"], 60);
    ASSERT_EQ(hour["buckets"].size(), 60U);
    EXPECT_LT(hour["buckets"][0]["at"], hour["buckets"][59]["at"]);
    EXPECT_EQ(hour["buckets"][59], json({{"at", hour["buckets"][59]["at"]},
                                         {"jobs", 0},
                                         {"succeeded", 0},
                                         {"failed", 0},
                                         {"interrupted", 0},
                                         {"latencyMs", nullptr}}));
    EXPECT_EQ(hour["backlog"], json({{"queued", 0}, {"starting", 0}, {"running", 0}}));
    EXPECT_EQ(joe.get("/api/dashboard?minutes=1").json()["buckets"].size(), 1U);
    EXPECT_EQ(joe.get("/api/dashboard?minutes=1440").json()["buckets"].size(), 1440U);
    for (const char *wrong : {"0", "1441", "-1", "x", "1.5", "99999999999999999999"})
        EXPECT_EQ(joe.get(std::string("/api/dashboard?minutes=") + wrong).status, 400) << wrong;
}

TEST_F(Dashboard, Jobs_are_seen_while_they_wait_and_when_they_have_ended) {
    start();
    const auto go = (scratch_ / "go").string();
    const json hour_ago{{"receivedAt", rfc3339(wall_now() - 60 * minute)}};
    started_task({{"Text", "x"}, {"Count", 3}, {"Payload", hour_ago}},
                 "while [ ! -e '" + go + "' ]; do sleep 0.01; done");
    auto joe = as("joe-token");
    const json full{{"queued", 1}, {"starting", 0}, {"running", 2}};
    EXPECT_TRUE(eventually([&] { return joe.get("/api/dashboard").json()["backlog"] == full; }));
    EXPECT_TRUE(eventually([&] {
        const auto series = joe.get("/api/dashboard").json()["series"];
        return !series.empty() && series.back()["backlog"] == 3;
    }));
    EXPECT_EQ(as("boss-token").get("/api/dashboard").json()["backlog"]["running"], 0) << "another tenant's";
    write(go, "");
    EXPECT_TRUE(eventually([&] { return sum(joe.get("/api/dashboard").json(), "succeeded") == 3; }));
    started_task({{"Text", "x"}}, "exit 1");
    EXPECT_TRUE(eventually([&] { return sum(joe.get("/api/dashboard").json(), "failed") == 1; }));
    const auto dashboard = joe.get("/api/dashboard").json();
    EXPECT_EQ(sum(dashboard, "jobs"), 4);
    const auto first = std::find_if(dashboard["buckets"].begin(), dashboard["buckets"].end(),
                                    [](const json &bucket) { return bucket["jobs"] > 0; });
    ASSERT_NE(first, dashboard["buckets"].end());
    EXPECT_GE((*first)["latencyMs"], 60 * 60 * 1000) << "from the arrival of the mail";
    EXPECT_EQ(sum(as("boss-token").get("/api/dashboard").json(), "jobs"), 0);
}

TEST_F(Dashboard, Items_of_settings_pages_are_counted_by_state_for_administrators_of_their_tenant) {
    start();
    given_item(as("root-token"), "watching");
    given_item(as("root-token"), "error");
    const auto changed = given_item(as("root-token"), "error");
    given_item(as("boss-token"), "idle");
    given_item(as("boss-token"), nullptr);
    given_item(as("boss-token"), std::string(100, 'x'));
    EXPECT_TRUE(shows("root-token", {{"probe", {{"error", 2}, {"watching", 1}}}}));
    EXPECT_TRUE(shows("boss-token", {{"probe", {{"idle", 1}}}}));
    as("root-token").put(changed, {{"state", "watching"}});
    EXPECT_TRUE(shows("root-token", {{"probe", {{"error", 1}, {"watching", 2}}}}));
    const auto point = as("root-token").get("/api/dashboard").json()["series"].back();
    EXPECT_EQ(point["items"], json({{"probe", {{"error", 1}, {"watching", 2}}}}));
    const auto joes = as("joe-token").get("/api/dashboard").json();
    EXPECT_FALSE(joes.contains("items"));
    ASSERT_FALSE(joes["series"].empty());
    EXPECT_FALSE(joes["series"].back().contains("items"));
}

TEST_F(Dashboard, A_plugin_that_does_not_tell_its_items_is_left_out_until_it_does) {
    sampling_.patience = std::chrono::milliseconds(20);
    start();
    given_item(as("root-token"), "watching");
    EXPECT_TRUE(shows("root-token", {{"probe", {{"watching", 1}}}}));
    write(probes("hang-in-list"), "");
    EXPECT_TRUE(shows("root-token", json::object()));
    std::filesystem::remove(probes("hang-in-list"));
    EXPECT_TRUE(shows("root-token", {{"probe", {{"watching", 1}}}}));
    write(probes("throw"), "x");
    EXPECT_TRUE(shows("root-token", json::object()));
    EXPECT_EQ(as("root-token").get("/api/dashboard").status, 200);
}

TEST_F(Dashboard, A_plugin_that_hangs_while_it_is_asked_does_not_keep_the_host_from_ending) {
    sampling_.patience = std::chrono::milliseconds(20);
    patience_.stop = std::chrono::milliseconds(100);
    start();
    given_item(as("root-token"), "watching");
    EXPECT_TRUE(shows("root-token", {{"probe", {{"watching", 1}}}}));
    EXPECT_TRUE(host_->stop());
    start();
    write(probes("hang-in-list"), "");
    EXPECT_TRUE(shows("root-token", json::object()));
    EXPECT_FALSE(host_->stop()) << "the process ends, and takes it along";
    std::filesystem::remove(probes("hang-in-list"));
}

} // namespace
