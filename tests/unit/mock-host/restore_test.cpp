// A backup is put back, and the host is told so.
#include "restore.hpp"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>

#include "store/database.hpp"
#include "store/jobs.hpp"
#include "support/running_host.hpp"

namespace {

using namespace host;
using host::testing::configuration;
using host::testing::content;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ARestoredHost : public host::testing::RunningHost {
  protected:
    MarkedRestored mark() {
        host_.reset();
        return mark_restored(read_configuration(configuration()), scratch_ / "data");
    }

    // What the plugin was told: a line for each time.
    std::vector<std::string> told() {
        std::istringstream lines(content(scratch_ / "data" / "plugins" / "probe" / "restored"));
        std::vector<std::string> all;
        for (std::string line; std::getline(lines, line);)
            all.push_back(line);
        return all;
    }

    nlohmann::json given_started_task(const nlohmann::json &parameters = {{"Text", "x"}}) {
        auto root = as("root-token");
        auto made = root.post("/api/tasks", task(parameters)).json();
        EXPECT_EQ(root.post("/api/tasks/" + made["id"].get<std::string>() + "/start").status, 200);
        return made;
    }
};

TEST_F(ARestoredHost, Tells_each_trigger_once_that_it_is_restored_and_from_when_until_when) {
    start();
    const auto made = given_started_task();
    auto root = as("root-token");
    const auto stopped = root.post("/api/tasks", task()).json();
    const auto marked = mark();
    EXPECT_EQ(marked.triggers, 2);
    EXPECT_LT(marked.known_until, marked.at);
    start();
    const std::string gap = " " + rfc3339(marked.known_until) + " " + rfc3339(marked.at);
    ASSERT_THAT(told(), SizeIs(1));
    EXPECT_EQ(told()[0], made["triggers"][0]["id"].get<std::string>() + gap);
    start();
    EXPECT_THAT(told(), SizeIs(1)) << "its plugin has taken it";
    as("root-token").post("/api/tasks/" + stopped["id"].get<std::string>() + "/start");
    ASSERT_THAT(told(), SizeIs(2)) << "one that was not started is told when it is";
    EXPECT_EQ(told()[1], stopped["triggers"][0]["id"].get<std::string>() + gap);
}

TEST_F(ARestoredHost, Asks_again_until_the_plugin_has_taken_it_and_shows_why_it_does_not) {
    start();
    const auto made = given_started_task({{"Text", "x"}, {"Unrestorable", true}});
    mark();
    start();
    auto root = as("root-token");
    const auto path = "/api/triggers/" + made["triggers"][0]["id"].get<std::string>();
    EXPECT_THAT(root.get(path).json()["error"]["advice"].get<std::string>(),
                HasSubstr("told to fail after a restore"));
    start();
    EXPECT_EQ(as("root-token").get(path).json()["state"], "error");
}

TEST_F(ARestoredHost, Interrupts_what_had_not_ended_and_does_not_run_it) {
    start();
    given_started_task();
    host_.reset();
    const auto file = scratch_ / "ran";
    {
        Database database(scratch_ / "data" / "host.sqlite");
        JobRow job;
        job.id = "left";
        job.plugin = "probe";
        job.project = "touch " + file.string();
        job.payload = "{}";
        job.state = "queued";
        job.created_at = wall_now();
        database.write([&](Session &session) { jobs::insert(session, job); });
    }
    EXPECT_EQ(mark().jobs, 1);
    start();
    auto root = as("root-token");
    const auto left = root.get("/api/jobs/left").json();
    EXPECT_EQ(left["state"], "interrupted");
    EXPECT_THAT(left["error"].get<std::string>(), HasSubstr("backup was restored"));
    EXPECT_FALSE(left["endedAt"].is_null());
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(ARestoredHost, Says_in_the_journal_of_each_tenant_what_it_does_not_know) {
    start();
    given_started_task();
    mark();
    start();
    const auto journal = as("root-token").get("/api/journal").json()["items"];
    const auto found = std::find_if(journal.begin(), journal.end(),
                                    [](const auto &event) { return event["name"] == "BackupRestored"; });
    ASSERT_NE(found, journal.end());
    EXPECT_EQ((*found)["details"]["triggers"], 1);
    EXPECT_LT((*found)["details"]["from"], (*found)["details"]["until"]);
    const auto other = as("boss-token").get("/api/journal").json()["items"];
    ASSERT_THAT(other, SizeIs(1));
    EXPECT_EQ(other[0]["details"]["triggers"], 0);
}

TEST_F(ARestoredHost, Forgets_it_with_the_trigger) {
    start();
    const auto made = given_started_task();
    mark();
    {
        Database database(scratch_ / "data" / "host.sqlite");
        database.write([&](Session &session) { tasks::remove(session, made["id"]); });
        EXPECT_FALSE(database.read(
            [&](Session &session) { return tasks::restored(session, made["triggers"][0]["id"]); }));
    }
}

TEST_F(ARestoredHost, Is_not_marked_while_it_runs_nor_where_there_is_none) {
    start();
    const auto marking = [&](const std::filesystem::path &data) -> std::string {
        try {
            mark_restored(read_configuration(configuration()), data);
        } catch (const std::runtime_error &refused) {
            return refused.what();
        }
        return "marked";
    };
    EXPECT_THAT(marking(scratch_ / "data"), HasSubstr("another host uses"));
    std::filesystem::create_directory(scratch_ / "empty");
    EXPECT_THAT(marking(scratch_ / "empty"), HasSubstr("there is no such file"));
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "empty" / "host.sqlite"));
}

} // namespace
