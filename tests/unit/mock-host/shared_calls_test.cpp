// Assets, figures for Prometheus, and who is told to have changed what.
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/assets.hpp"
#include "support/running_host.hpp"

namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Calls : public host::testing::RunningHost {
  protected:
    // Names of the host's own events, oldest first.
    std::vector<std::string> audited(const std::string &token) {
        std::vector<std::string> names;
        const auto journal = as(token).get("/api/journal?order=oldest").json();
        for (const auto &event : journal["items"]) {
            if (event["plugin"] == "") names.push_back(event["name"]);
        }
        return names;
    }
};

TEST_F(Calls, An_asset_comes_back_as_it_was_put_and_is_its_tenants_own) {
    start();
    auto boss = as("boss-token");
    EXPECT_EQ(boss.get("/api/assets/mail").status, 404);
    const json document{{"subject", "Счёт"}, {"list", {1, 2.5, nullptr}}};
    EXPECT_EQ(boss.put("/api/assets/mail", document).json(), document);
    EXPECT_EQ(boss.get("/api/assets/mail").json(), document);
    EXPECT_EQ(boss.put("/api/assets/mail", json("text")).status, 200) << "any JSON value";
    EXPECT_EQ(boss.get("/api/assets/mail").json(), "text");
    EXPECT_EQ(as("root-token").get("/api/assets/mail").status, 404) << "another tenant's";
    EXPECT_EQ(boss.put("/api/assets/a%2Fb%20%D0%B8", json(7)).status, 200);
    EXPECT_EQ(boss.get("/api/assets/a%2Fb%20%D0%B8").json(), 7);
    start();
    EXPECT_EQ(as("boss-token").get("/api/assets/mail").json(), "text") << "after a restart";
}

TEST_F(Calls, An_asset_that_is_no_JSON_too_large_or_named_too_long_is_refused) {
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.call("PUT", "/api/assets/x", "{").status, 400);
    EXPECT_EQ(root.call("PUT", "/api/assets/x", "").status, 400);
    EXPECT_EQ(root.put("/api/assets/x", json(std::string(host::largest_asset, 'x'))).status, 413);
    EXPECT_EQ(root.put("/api/assets/" + std::string(201, 'n'), json(1)).status, 422);
    EXPECT_EQ(root.get("/api/assets/x").status, 404);
}

TEST_F(Calls, A_plugin_writes_into_an_asset_that_is_there_and_the_journal_names_the_plugin) {
    start();
    auto boss = as("boss-token");
    const auto put = [&](host::testing::Browser &who, const json &value) {
        return who.post("/api/settings-pages/probe/actions/put-asset",
                        {{"values", {{"Name", "mail"}, {"Value", value}}}});
    };
    EXPECT_EQ(put(boss, json(1)).status, 404) << "a plugin makes none";
    EXPECT_EQ(boss.get("/api/assets/mail").status, 404);
    boss.put("/api/assets/mail", json(nullptr));
    EXPECT_EQ(put(boss, json{{"subject", "Счёт"}}).json(), json({{"wasThere", true}}));
    EXPECT_EQ(boss.get("/api/assets/mail").json(), json({{"subject", "Счёт"}}));
    auto root = as("root-token");
    EXPECT_EQ(put(root, json(1)).status, 404) << "another tenant's";
    EXPECT_EQ(put(boss, json(std::string(host::largest_asset, 'x'))).status, 422);
    EXPECT_EQ(boss.get("/api/assets/mail").json(), json({{"subject", "Счёт"}})) << "as it was";

    const auto changes = boss.get("/api/journal?code=50201&order=oldest").json()["items"];
    ASSERT_EQ(changes.size(), 2U) << "of the person's put and the plugin's one";
    EXPECT_EQ(changes[0]["user"], "boss");
    EXPECT_EQ(changes[0]["plugin"], "");
    EXPECT_EQ(changes[1]["user"], nullptr);
    EXPECT_EQ(changes[1]["plugin"], "probe");
    EXPECT_EQ(changes[1]["subject"]["name"], "mail");
    EXPECT_THAT(changes.dump(), Not(HasSubstr("Счёт")));
}

TEST_F(Calls, Erasing_empties_the_assets_that_plugins_wrote_into_and_no_others) {
    start();
    auto boss = as("boss-token");
    for (const char *name : {"mail", "prices"})
        boss.put("/api/assets/" + std::string(name), {{"by", "boss"}});
    boss.post("/api/settings-pages/probe/actions/put-asset",
              {{"values", {{"Name", "mail"}, {"Value", {{"by", "probe"}}}}}});
    as("root-token").call("DELETE", "/api/content");
    EXPECT_EQ(boss.get("/api/assets/mail").json(), json({{"by", "probe"}})) << "another tenant's erasure";
    EXPECT_EQ(boss.call("DELETE", "/api/content").status, 204);
    EXPECT_EQ(boss.get("/api/assets/mail").json(), json(nullptr));
    EXPECT_EQ(boss.get("/api/assets/prices").json(), json({{"by", "boss"}}));
    EXPECT_EQ(boss.get("/api/journal?code=50301").json()["items"][0]["details"],
              json({{"jobs", 0}, {"plugins", {{"probe", 3}}}, {"assets", 1}, {"mails", 0}}));
    boss.put("/api/assets/mail", {{"by", "boss again"}});
    boss.call("DELETE", "/api/content");
    EXPECT_EQ(boss.get("/api/assets/mail").json(), json({{"by", "boss again"}}));
}

TEST_F(Calls, The_figures_are_well_formed_and_count_what_happens) {
    start();
    auto root = as("root-token");
    const auto made = root.post("/api/tasks", task({{"Text", "x"}, {"Count", 2}})).json();
    root.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
    const auto jobs = root.get("/api/jobs").json();
    for (const auto &job : jobs["items"])
        ended_job(root, job["id"]);
    root.get("/api/nothing");
    const auto answer = as("").get("/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    const std::regex figure(R"re([a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? -?\d+(\.\d+)?)re");
    std::istringstream lines(answer.body);
    std::string described;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) described = line.substr(7, line.find(' ', 7) - 7);
        if (line.starts_with('#')) continue;
        EXPECT_TRUE(std::regex_match(line, figure)) << line;
        EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), described) << "each has its type before it";
    }
    for (const char *line : {"orch_jobs_accepted_total 2\n", "orch_jobs_ended_total{state=\"succeeded\"} 2\n",
                             "orch_jobs_unfinished{state=\"queued\"} 0\n", "orch_intake_paused 0\n",
                             "orch_plugin_state{plugin=\"probe\",state=\"started\"} 1\n",
                             "orch_plugin_state{plugin=\"probe\",state=\"failed\"} 0\n",
                             "orch_http_requests_total{method=\"GET\",status=\"4xx\"} 1\n",
                             "# HELP probe_items Items of the probe.\n# TYPE probe_items gauge\n",
                             "probe_items{of=\"a \\\"tenant\\\"\"} 0\n", "probe_seconds_total 0.25\n"}) {
        EXPECT_THAT(answer.body, HasSubstr(line));
    }
    EXPECT_THAT(answer.body, Not(HasSubstr("acme")));
}

TEST_F(Calls, Who_changed_a_task_stands_in_the_journal_and_not_what_its_command_line_holds) {
    start();
    auto boss = as("boss-token");
    auto form = task({{"Text", "x"}}, "run --key topsecret");
    const auto made = boss.post("/api/tasks", form).json();
    const std::string path = "/api/tasks/" + made["id"].get<std::string>();
    form["project"] = "run --key othersecret";
    form["triggers"] = made["triggers"];
    boss.put(path, form);
    boss.post(path + "/start");
    boss.post(path + "/start");
    boss.post(path + "/stop");
    const auto job = boss.get("/api/jobs").json()["items"][0]["id"].get<std::string>();
    ended_job(boss, job);
    boss.post("/api/jobs/" + job + "/retry");
    boss.put("/api/assets/prices", {{"key", "assetsecret"}});
    boss.call("DELETE", path);
    EXPECT_THAT(audited("boss-token"), ElementsAre("TaskCreated", "TaskChanged", "TaskStarted", "TaskStopped",
                                                   "JobRetried", "AssetChanged", "TaskDeleted"));
    const auto journal = boss.get("/api/journal").json();
    EXPECT_THAT(journal.dump(), Not(HasSubstr("secret")));
    for (const auto &event : journal["items"]) {
        if (event["plugin"] == "") {
            EXPECT_EQ(event["user"], "boss");
        }
    }
    EXPECT_EQ(boss.get("/api/journal?code=50002").json()["items"][0]["details"],
              json({{"changed", {"project"}}}));
    EXPECT_THAT(audited("root-token"), ElementsAre()) << "another tenant's";
}

TEST_F(Calls, Erased_content_is_gone_of_the_tenant_alone_and_its_jobs_stay_as_rows) {
    start();
    const auto made_by = [&](const std::string &token) {
        auto who = as(token);
        const auto made =
            who.post("/api/tasks", task({{"Text", "private"}, {"Attachment", "bytes"}}, "cat")).json();
        who.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
        const auto id = who.get("/api/jobs").json()["items"][0]["id"].get<std::string>();
        return ended_job(who, id);
    };
    const auto ours = made_by("root-token");
    const auto theirs = made_by("boss-token");
    const std::filesystem::path their_spool =
        std::filesystem::path(theirs["payload"]["raw"].get<std::string>()).parent_path();
    ASSERT_TRUE(std::filesystem::exists(their_spool));
    auto boss = as("boss-token");
    EXPECT_EQ(boss.call("DELETE", "/api/content").status, 204);
    const auto left = boss.get("/api/jobs/" + theirs["id"].get<std::string>()).json();
    EXPECT_EQ(left["state"], "succeeded");
    EXPECT_EQ(left["idempotencyKey"], theirs["idempotencyKey"]) << "its key must live on";
    EXPECT_TRUE(left["payload"].is_null());
    EXPECT_EQ(left["output"], "");
    EXPECT_FALSE(std::filesystem::exists(their_spool));
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "data" / "jobs" / theirs["id"].get<std::string>()));
    EXPECT_EQ(boss.post("/api/jobs/" + theirs["id"].get<std::string>() + "/retry").status, 409);
    EXPECT_EQ(as("root-token").get("/api/jobs/" + ours["id"].get<std::string>()).json()["payload"],
              ours["payload"]);
    EXPECT_EQ(boss.get("/api/journal?code=50301").json()["items"][0]["details"],
              json({{"jobs", 1}, {"plugins", {{"probe", 3}}}, {"assets", 0}, {"mails", 0}}));
    EXPECT_EQ(host::testing::content(scratch_ / "data" / "plugins" / "probe" / "erased"), "[acme]\n");
}

TEST_F(Calls, A_plugin_that_can_not_erase_is_told_and_all_else_is_erased) {
    auto with = host::testing::configuration();
    with["Plugins"] = {{"probe", {{"Unerasable", "acme"}}}};
    start(with);
    auto boss = as("boss-token");
    const auto made = boss.post("/api/tasks", task({{"Text", "private"}})).json();
    boss.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
    const auto job = ended_job(boss, boss.get("/api/jobs").json()["items"][0]["id"]);
    const auto answer = boss.call("DELETE", "/api/content");
    EXPECT_EQ(answer.status, 500);
    EXPECT_THAT(answer.body, HasSubstr("told to fail"));
    EXPECT_TRUE(boss.get("/api/jobs/" + job["id"].get<std::string>()).json()["payload"].is_null());
    EXPECT_EQ(as("root-token").call("DELETE", "/api/content").status, 204) << "another tenant's can be";
}

TEST_F(Calls, What_is_refused_leaves_no_trace_of_a_change) {
    start();
    auto root = as("root-token");
    root.post("/api/tasks", json::object());
    root.put("/api/tasks/none", task());
    root.call("PUT", "/api/assets/x", "{");
    EXPECT_THAT(audited("root-token"), ElementsAre());
}

} // namespace
