// The host over HTTP, with a plugin of the tests' own (probe-plugin/).
#include <thread>

#include <Poco/Net/StreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.hpp"
#include "support/running_host.hpp"

namespace {

using host::Orchestrator;
using host::testing::Browser;
using host::testing::configuration;
using host::testing::content;
using host::testing::eventually;
using host::testing::manifest;
using nlohmann::json;
using Http = host::testing::RunningHost;
using ::testing::HasSubstr;

TEST_F(Http, Health_needs_no_token_and_all_else_does) {
    start();
    auto nobody = as("");
    EXPECT_EQ(nobody.get("/healthz").status, 200);
    for (const char *path :
         {"/api/plugins", "/api/tasks", "/api/jobs", "/api/settings-pages", "/api/journal"}) {
        const auto answer = nobody.get(path);
        EXPECT_EQ(answer.status, 401) << path;
        EXPECT_EQ(answer.headers.at("Content-Type"), "application/problem+json");
        EXPECT_EQ(answer.json()["code"], "not-signed-in");
    }
    auto wrong = as("root-toke");
    EXPECT_EQ(wrong.get("/api/me").status, 401);
    auto root = as("root-token");
    EXPECT_EQ(root.get("/api/me").json()["role"], "Administrator");
}

TEST_F(Http, Calls_that_are_not_there_and_methods_that_are_not_taken_are_told_apart) {
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.get("/api/nothing").status, 404);
    EXPECT_EQ(root.get("/api/tasks/").status, 404);
    const auto answer = root.call("DELETE", "/api/tasks");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.headers.at("Allow"), "GET, HEAD, POST");
}

TEST_F(Http, Bodies_that_are_no_JSON_or_too_large_are_refused) {
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.call("POST", "/api/tasks", "{\"name\":").json()["code"], "bad-json");
    EXPECT_EQ(as("root-token").call("POST", "/api/tasks", std::string((4U << 20U) + 1, ' ')).status, 413);
}

TEST_F(Http, Every_list_comes_in_pieces_and_at_most_the_most_at_once) {
    for (const char *folder : {"a", "b", "c"})
        give_plugin(folder, manifest());
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.get("/api/plugins").json()["items"].size(), 3U);
    std::vector<std::string> folders;
    json next = "";
    while (!next.is_null()) {
        ASSERT_LT(folders.size(), 4U);
        const auto piece =
            root.get("/api/plugins?limit=2" + (next == "" ? "" : "&after=" + next.get<std::string>())).json();
        for (const auto &plugin : piece["items"])
            folders.push_back(plugin["folder"]);
        next = piece["next"];
    }
    EXPECT_THAT(folders, ::testing::ElementsAre("a", "b", "c"));
    EXPECT_TRUE(root.get("/api/plugins?limit=3").json()["next"].is_null());
    for (const std::string list : {"/api/plugins", "/api/settings-pages", "/api/trigger-types", "/api/jobs"}) {
        for (const char *wrong : {"limit=0", "limit=-1", "limit=x", "limit=1.5", "after=x"})
            EXPECT_EQ(root.get(list + "?" + wrong).status, 400) << list << " " << wrong;
        for (const char *much : {"limit=1001", "limit=100000000000000000000"})
            EXPECT_EQ(root.get(list + "?" + much).status, 200) << list << " " << much;
        EXPECT_EQ(root.get(list + "?after=999").json(), json({{"items", json::array()}, {"next", nullptr}}));
    }
    const auto made = root.post("/api/tasks", task()).json();
    const std::string trigger = "/api/triggers/" + made["triggers"][0]["id"].get<std::string>();
    EXPECT_EQ(root.get(trigger + "/messages?limit=1001").json()["items"][0]["limit"], 1000);
}

TEST_F(Http, A_form_that_is_JSON_and_no_form_is_refused_as_one) {
    start();
    auto root = as("root-token");
    const std::string page = "/api/settings-pages/probe";
    const auto item = root.post(page + "/items", {{"Name", "x"}}).json()["id"].get<std::string>();
    const std::string made = root.post("/api/tasks", task()).json()["id"];
    const std::pair<const char *, std::string> forms[] = {
        {"POST", "/api/tasks"},           {"PUT", "/api/tasks/" + made},
        {"POST", page + "/items"},        {"PUT", page + "/items/" + item},
        {"POST", page + "/actions/echo"}, {"POST", "/api/trigger-types/probe/preview"}};
    for (const auto &[method, path] : forms) {
        for (const char *body : {"[]", "null", "1", "\"x\""})
            EXPECT_EQ(root.call(method, path, body).status, 422) << method << ' ' << path << ' ' << body;
        EXPECT_EQ(root.call(method, path, "{").status, 400) << method << ' ' << path;
    }
    const auto field_refused = [&](const std::string &path, const char *body) {
        const auto answer = root.call("POST", path, body);
        EXPECT_EQ(answer.status, 422) << body;
        return answer.json()["errors"][0]["field"];
    };
    EXPECT_EQ(field_refused(page + "/actions/echo", R"({"values": null})"), "values");
    EXPECT_EQ(field_refused(page + "/actions/echo", R"({"id": 7, "values": {}})"), "id");
    EXPECT_EQ(field_refused(page + "/actions/echo", R"({"value": {}})"), "value");
    EXPECT_EQ(field_refused("/api/trigger-types/probe/preview", R"({"parameters": null})"), "parameters");
}

TEST_F(Http, A_settings_page_is_for_administrators_only) {
    start();
    auto joe = as("joe-token");
    for (const char *path :
         {"/api/settings-pages", "/api/settings-pages/probe", "/api/settings-pages/probe/items"}) {
        EXPECT_EQ(joe.get(path).status, 403) << path;
    }
    EXPECT_EQ(joe.post("/api/settings-pages/probe/items", {{"Name", "x"}}).status, 403);
    EXPECT_EQ(joe.post("/api/settings-pages/probe/actions/echo").status, 403);
    EXPECT_EQ(joe.get("/api/trigger-types").status, 403) << "its forms offer what the page holds";
    EXPECT_EQ(joe.get("/api/trigger-types/probe").status, 403);
    EXPECT_EQ(joe.post("/api/trigger-types/probe/preview").status, 403);
    auto boss = as("boss-token");
    EXPECT_EQ(boss.get("/api/settings-pages/probe").status, 200);
    EXPECT_EQ(boss.get("/api/settings-pages/none").status, 404);
}

TEST_F(Http, Items_of_a_settings_page_are_made_changed_and_deleted_within_a_tenant) {
    start();
    auto boss = as("boss-token");
    auto made = boss.post("/api/settings-pages/probe/items", {{"Name", "x"}, {"Secret", "12345"}});
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json()["secretLength"], 5) << "sealed and opened by the host";
    const std::string item = "/api/settings-pages/probe/items/" + made.json()["id"].get<std::string>();
    EXPECT_EQ(boss.put(item, {{"Name", "y"}}).json()["Name"], "y");
    EXPECT_EQ(as("root-token").get(item).status, 404) << "another tenant's";
    EXPECT_EQ(as("root-token").call("GET", item, "", {{"X-Orch-Tenant", "acme"}}).status, 200);
    const auto missing = boss.post("/api/settings-pages/probe/items");
    EXPECT_EQ(missing.status, 422);
    EXPECT_EQ(missing.json()["errors"], json::array({{{"field", "Name"}, {"message", "is required"}}}));
    EXPECT_EQ(boss.put("/api/settings-pages/probe/items/base", json::object()).json()["code"],
              "base-read-only");
    EXPECT_EQ(boss.put("/api/settings-pages/probe/items/base", json::object()).status, 403);
    EXPECT_EQ(boss.call("DELETE", "/api/settings-pages/probe/items/used").status, 409);
    EXPECT_EQ(boss.call("DELETE", item).status, 204);
    EXPECT_EQ(boss.get(item).status, 404);
    const auto events = boss.get("/api/journal?code=70001").json()["items"];
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0]["code"], 70001);
    EXPECT_EQ(events[0]["user"], "boss");
    EXPECT_EQ(as("joe-token").get("/api/journal").status, 403);
}

TEST_F(Http, An_action_tells_its_steps_as_lines_when_asked_to) {
    start();
    auto root = as("root-token");
    const json request{{"id", "7"}, {"values", {{"a", 1}}}};
    EXPECT_EQ(root.post("/api/settings-pages/probe/actions/echo", request).json(),
              json({{"ok", true}, {"values", {{"a", 1}}}, {"id", "7"}}));
    const auto lines = root.call("POST", "/api/settings-pages/probe/actions/echo", request.dump(),
                                 {{"Accept", "application/x-ndjson"}});
    EXPECT_EQ(lines.headers.at("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(lines.body, "{\"name\":\"one\"}\n{\"name\":\"two\"}\n") << "a step each, and nothing else";
    const auto told = [&](const std::string &action) {
        return root.call("POST", "/api/settings-pages/probe/actions/" + action, "",
                         {{"Accept", "application/x-ndjson"}});
    };
    EXPECT_EQ(told("refuse").status, 422) << "it failed before its first line";
    EXPECT_EQ(told("change").body, "{}\n") << "without steps there is what came of it";
    const auto broken = told("refuse-late");
    EXPECT_EQ(broken.status, 200);
    const auto last = json::parse(broken.body.substr(broken.body.find('\n')));
    EXPECT_EQ(last["problem"]["status"], 422) << "what is no step is told as what it is";
}

TEST_F(Http, An_action_is_taken_back_when_its_client_goes) {
    start();
    {
        const auto address = host_->address();
        Poco::Net::StreamSocket client{Poco::Net::SocketAddress(address)};
        const std::string request = "POST /api/settings-pages/probe/actions/wait HTTP/1.1\r\nHost: x\r\n"
                                    "Authorization: Bearer root-token\r\n\r\n";
        client.sendBytes(request.data(), static_cast<int>(request.size()));
    }
    EXPECT_TRUE(
        eventually([&] { return content(scratch_ / "data" / "plugins" / "probe" / "cancelled") == "yes"; }));
}

TEST_F(Http, A_stop_takes_back_what_is_under_way_and_returns) {
    const auto sign = scratch_ / "data" / "plugins" / "probe" / "waiting";
    // Often, as an answer that the stop cuts off is lost in one of several.
    for (int round = 0; round < 10; ++round) {
        start();
        std::thread waiting([address = host_->address()] {
            EXPECT_EQ(Browser(address, "root-token").post("/api/settings-pages/probe/actions/wait").status,
                      503);
        });
        EXPECT_TRUE(eventually([&] { return content(sign) == "yes"; }));
        host_->stop();
        waiting.join();
        std::filesystem::remove(sign);
    }
}

TEST_F(Http, A_tenant_is_chosen_by_its_header_and_only_by_those_who_may) {
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.call("GET", "/api/tasks", "", {{"X-Orch-Tenant", "nobody"}}).status, 404);
    EXPECT_EQ(root.call("GET", "/api/tasks", "", {{"X-Orch-Tenant", ""}}).status, 200);
    auto boss = as("boss-token");
    EXPECT_EQ(boss.call("GET", "/api/tasks", "", {{"X-Orch-Tenant", ""}}).status, 403) << "the default tenant";
    EXPECT_EQ(boss.call("GET", "/api/tasks", "", {{"X-Orch-Tenant", "acme"}}).status, 200);
}

TEST_F(Http, A_tenant_is_chosen_in_the_query_by_the_same_rights) {
    start();
    as("boss-token").post("/api/tasks", task());
    auto root = as("root-token");
    EXPECT_EQ(root.get("/api/tasks").json()["items"].size(), 0U);
    EXPECT_EQ(root.get("/api/tasks?tenant=acme").json()["items"].size(), 1U);
    EXPECT_EQ(root.get("/api/tasks?tenant=nobody").status, 404);
    EXPECT_EQ(root.call("GET", "/api/tasks?tenant=acme", "", {{"X-Orch-Tenant", ""}}).json()["items"].size(),
              0U)
        << "the header counts first";
    auto boss = as("boss-token");
    EXPECT_EQ(boss.get("/api/tasks?tenant=").status, 403) << "the default tenant";
    EXPECT_EQ(boss.get("/api/tasks?tenant=acme").status, 200);
    EXPECT_EQ(as("joe-token").get("/api/tasks?tenant=acme").status, 403);
}

TEST_F(Http, A_task_is_checked_by_its_triggers_plugin_and_comes_back_with_defaults) {
    start();
    auto root = as("root-token");
    const auto refused = root.post("/api/tasks", task(json::object()));
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json()["errors"][0],
              json({{"field", "Text"}, {"message", "is required"}, {"path", "/triggers/0/parameters/Text"}}));
    const auto nameless = root.post("/api/tasks", {{"triggers", {{{"type", "none"}}}}, {"colour", 1}});
    EXPECT_EQ(nameless.json()["errors"].size(), 4U) << nameless.body;
    const auto made = root.post("/api/tasks", task());
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json()["state"], "stopped");
    EXPECT_EQ(made.json()["triggers"][0]["parameters"], json({{"Text", "x"}, {"Count", 1}}));
    EXPECT_EQ(root.get("/api/tasks/" + made.json()["id"].get<std::string>()).json(), made.json());
    EXPECT_EQ(root.get("/api/tasks").json()["items"][0], made.json());
}

TEST_F(Http, A_user_looks_starts_and_stops_but_sets_nothing_up) {
    start();
    auto root = as("root-token");
    auto joe = as("joe-token");
    EXPECT_EQ(joe.post("/api/tasks", task()).status, 403);
    const auto made = root.post("/api/tasks", task()).json();
    const std::string path = "/api/tasks/" + made["id"].get<std::string>();
    EXPECT_EQ(joe.get(path).status, 200);
    EXPECT_EQ(joe.put(path, task()).status, 403);
    EXPECT_EQ(joe.call("DELETE", path).status, 403);
    EXPECT_EQ(joe.post(path + "/start").json()["state"], "started");
    EXPECT_EQ(joe.post(path + "/stop").json()["state"], "stopped");
    EXPECT_EQ(as("boss-token").get(path).status, 404) << "another tenant's";
}

TEST_F(Http, A_started_trigger_starts_jobs_and_a_job_tells_all_about_itself) {
    start();
    auto root = as("root-token");
    const auto made = root.post("/api/tasks", task({{"Text", "Привет"}, {"Count", 3}}, "cat; exit 5")).json();
    const std::string id = made["id"];
    EXPECT_EQ(root.post("/api/tasks/" + id + "/start").json()["state"], "started");
    const auto jobs = root.get("/api/jobs?task=" + id).json()["items"];
    ASSERT_EQ(jobs.size(), 3U);
    const auto job = ended_job(root, jobs[2]["id"]);
    EXPECT_EQ(job["state"], "failed");
    EXPECT_EQ(job["exitCode"], 5);
    EXPECT_EQ(job["taskName"], "T");
    EXPECT_EQ(job["trigger"], made["triggers"][0]["id"]);
    EXPECT_EQ(job["payload"], json({{"text", "Привет"}, {"number", "0"}}));
    EXPECT_EQ(json::parse(job["output"].get<std::string>()), job["payload"]);
    EXPECT_THAT(job["startedAt"].get<std::string>(),
                ::testing::MatchesRegex(R"(....-..-..T..:..:..\.......Z)"));
    EXPECT_TRUE(job["retryOf"].is_null());
    const auto retry = root.post("/api/jobs/" + job["id"].get<std::string>() + "/retry");
    EXPECT_EQ(retry.status, 201);
    EXPECT_EQ(retry.json()["retryOf"], job["id"]);
    EXPECT_EQ(root.get("/api/jobs?task=other").json()["items"].size(), 0U);
    EXPECT_EQ(root.get("/api/jobs?limit=1&order=oldest").json()["items"][0]["id"], job["id"]);
    EXPECT_EQ(as("boss-token").get("/api/jobs/" + job["id"].get<std::string>()).status, 404);
}

TEST_F(Http, Files_of_a_job_are_downloaded_and_no_others) {
    start();
    auto root = as("root-token");
    const auto made = root.post("/api/tasks", task({{"Text", "x"}, {"Attachment", "the bytes"}})).json();
    root.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
    const std::string job = "/api/jobs/" + root.get("/api/jobs").json()["items"][0]["id"].get<std::string>();
    const auto first = root.get(job + "/attachments/0");
    EXPECT_EQ(first.body, "the bytes");
    EXPECT_EQ(first.headers.at("Content-Type"), "text/plain");
    EXPECT_EQ(first.headers.at("Content-Disposition"),
              "attachment; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82%20%221%22.txt");
    EXPECT_EQ(root.get(job + "/attachments/1").status, 404) << "a path outside of the job's spool";
    EXPECT_EQ(root.get(job + "/attachments/2").status, 404);
    EXPECT_EQ(root.get(job + "/raw").headers.at("Content-Type"), "message/rfc822");
    EXPECT_EQ(as("boss-token").get(job + "/raw").status, 404);
}

TEST_F(Http, A_changed_task_keeps_the_triggers_that_are_sent_back_and_forgets_the_others) {
    start();
    auto root = as("root-token");
    auto form = task({{"Text", "a"}});
    form["triggers"].push_back({{"type", "probe"}, {"parameters", {{"Text", "b"}}}});
    auto made = root.post("/api/tasks", form).json();
    const std::string path = "/api/tasks/" + made["id"].get<std::string>();
    root.post(path + "/start");
    ASSERT_EQ(root.get("/api/jobs").json()["items"].size(), 2U);
    const std::string kept = made["triggers"][0]["id"];
    const std::string gone = made["triggers"][1]["id"];
    made["triggers"].erase(1);
    made["triggers"][0]["parameters"]["Count"] = 2;
    made["triggers"].push_back({{"type", "probe"}, {"parameters", {{"Text", "c"}}}});
    const auto changed = root.put(path, made);
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.json()["state"], "started");
    EXPECT_EQ(changed.json()["triggers"][0]["id"], kept);
    EXPECT_EQ(content(scratch_ / "data" / "plugins" / "probe" / "forgotten"), gone + "\n");
    EXPECT_EQ(root.get("/api/jobs").json()["items"].size(), 4U)
        << "the second of the kept one, and the new one's";
    EXPECT_EQ(root.get("/api/triggers/" + kept).json()["state"], "started");
    EXPECT_EQ(root.get("/api/triggers/" + gone).status, 404);
    made["triggers"][0]["id"] = gone;
    EXPECT_EQ(root.put(path, made).status, 422);
    EXPECT_EQ(root.call("DELETE", path).status, 204);
    EXPECT_THAT(content(scratch_ / "data" / "plugins" / "probe" / "forgotten"), HasSubstr(kept));
}

TEST_F(Http, A_trigger_tells_its_state_and_its_messages) {
    start();
    auto root = as("root-token");
    const auto made = root.post("/api/tasks", task()).json();
    const std::string trigger = "/api/triggers/" + made["triggers"][0]["id"].get<std::string>();
    EXPECT_EQ(root.get(trigger).json()["state"], "stopped");
    EXPECT_EQ(root.get(trigger).json()["task"]["name"], "T");
    EXPECT_EQ(root.get(trigger + "/messages?limit=7").json()["items"][0]["limit"], 7);
    EXPECT_EQ(root.post(trigger + "/messages/1/retry").json()["action"], "retry");
    EXPECT_EQ(root.post(trigger + "/messages/1/burn").status, 404);
    EXPECT_EQ(as("joe-token").post(trigger + "/messages/1/retry").status, 403);
    const auto told = root.get("/api/journal?code=50102").json()["items"];
    ASSERT_EQ(told.size(), 1U) << "what was done, and nothing that was refused";
    EXPECT_EQ(told[0]["name"], "MessageRetried");
    EXPECT_EQ(told[0]["details"]["message"], "1");
    EXPECT_EQ(as("boss-token").get(trigger).status, 404);
    EXPECT_EQ(
        root.post("/api/trigger-types/probe/preview", {{"parameters", {{"Text", "q"}}}, {"limit", 3}}).json(),
        json::parse(R"({"items": [{"subject": "q", "limit": 3}]})"));
}

TEST_F(Http, Trigger_types_are_described_for_the_tenant_and_in_the_language_of_the_reader) {
    start();
    auto boss = as("boss-token");
    const auto type =
        boss.call("GET", "/api/trigger-types/probe", "", {{"Accept-Language", "ru-RU,ru"}}).json();
    EXPECT_EQ(type["schema"], json({{"tenant", "acme"}, {"locale", "ru"}}));
    EXPECT_EQ(boss.get("/api/trigger-types").json()["items"][0]["id"], "probe");
}

TEST_F(Http, A_started_task_is_started_again_by_the_next_host_and_asks_by_the_same_keys) {
    start();
    const auto made = as("root-token").post("/api/tasks", task()).json();
    as("root-token").post("/api/tasks/" + made["id"].get<std::string>() + "/start");
    start();
    auto root = as("root-token");
    EXPECT_EQ(root.get("/api/tasks").json()["items"][0]["state"], "started");
    const std::string trigger = made["triggers"][0]["id"];
    EXPECT_EQ(root.get("/api/triggers/" + trigger).json()["state"], "started") << "the plugin has heard of it";
    EXPECT_EQ(root.get("/api/jobs").json()["items"].size(), 1U);
}

TEST_F(Http, Plugins_that_are_broken_are_shown_with_the_reason_and_the_host_goes_on) {
    give_plugin("good", manifest());
    auto other = manifest();
    give_plugin("lying-twin", other);
    other["id"] = "someone-else";
    give_plugin("lying-id", other);
    other = manifest();
    other["interface"] = "2.0";
    give_plugin("too-new", other);
    give_plugin("garbage", manifest());
    host::testing::write(scratch_ / "plugins" / "garbage" / "libprobe.so", "this is no library");
    std::filesystem::create_directories(scratch_ / "plugins" / "empty");
    start();
    std::map<std::string, json> by_folder;
    const auto plugins = as("root-token").get("/api/plugins").json();
    for (const auto &plugin : plugins["items"]) {
        by_folder[plugin["folder"]] = plugin;
    }
    ASSERT_EQ(by_folder.size(), 6U);
    // "garbage" comes first by name and has the id, but never was loaded.
    EXPECT_EQ(by_folder["good"]["state"], "started") << by_folder["good"]["error"];
    const std::pair<const char *, const char *> refused[] = {
        {"lying-twin", "already"},     {"lying-id", "calls itself probe"}, {"too-new", "needs version 2"},
        {"garbage", "file too short"}, {"empty", "manifest.json"},
    };
    for (const auto &[folder, words] : refused) {
        EXPECT_EQ(by_folder[folder]["state"], "refused") << folder;
        EXPECT_THAT(by_folder[folder]["error"].get<std::string>(), HasSubstr(words)) << folder;
    }
}

TEST_F(Http, A_plugin_that_offers_other_than_its_manifest_says_is_refused) {
    auto lying = manifest();
    lying["extensions"] = {"orch.trigger-provider/1"};
    give_plugin("probe", lying);
    start();
    const auto plugins = as("root-token").get("/api/plugins").json();
    EXPECT_EQ(plugins["items"][0]["state"], "refused");
    EXPECT_THAT(plugins["items"][0]["error"].get<std::string>(), HasSubstr("orch.settings-page/1"));
}

TEST_F(Http, A_plugin_that_does_not_start_is_shown_and_its_tasks_say_why_they_do_not_run) {
    start();
    const auto made = as("root-token").post("/api/tasks", task()).json();
    as("root-token").post("/api/tasks/" + made["id"].get<std::string>() + "/start");
    auto with = configuration();
    with["Plugins"] = {{"probe", {{"Fail", true}}}};
    start(with);
    auto root = as("root-token");
    const auto plugin = root.get("/api/plugins").json()["items"][0];
    EXPECT_EQ(plugin["state"], "failed");
    EXPECT_EQ(plugin["error"], "told to fail");
    EXPECT_EQ(root.post("/api/tasks", task()).status, 503);
    std::filesystem::remove_all(scratch_ / "plugins" / "probe");
    start();
    const auto state =
        as("root-token").get("/api/triggers/" + made["triggers"][0]["id"].get<std::string>()).json();
    EXPECT_EQ(state["state"], "error");
    EXPECT_THAT(state["error"]["advice"].get<std::string>(), HasSubstr("not loaded"));
    EXPECT_EQ(state["error"]["serverText"], json()) << "no server has said anything";
}

TEST_F(Http, Without_users_the_administrators_token_lies_in_the_data_folder) {
    start(json::object());
    auto token = content(scratch_ / "data" / "admin.token");
    ASSERT_EQ(token.size(), 33U);
    token.pop_back();
    EXPECT_EQ(as(token).get("/api/me").json()["role"], "Administrator");
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(scratch_ / "data" / "admin.token").permissions(),
              perms::owner_read | perms::owner_write);
    start(json::object());
    EXPECT_EQ(as(token).get("/api/me").status, 200) << "the same after a restart";
}

TEST_F(Http, A_second_host_on_the_same_data_is_refused) {
    start();
    EXPECT_THROW(Orchestrator(host::read_configuration(json::object()),
                              {scratch_ / "plugins", scratch_ / "data", "127.0.0.1:0", {}, JOB_LAUNCHER, {}}),
                 std::runtime_error);
}

TEST_F(Http, A_password_that_is_not_sealed_keeps_the_host_from_starting) {
    std::filesystem::create_directories(scratch_ / "plugins");
    const auto with = json::parse(
        R"({"Tenants": {"IncomingEmail": {"UserName": "a@b.org", "Imap": "mail", "Password": "in clear"}}})");
    try {
        start(with);
        FAIL();
    } catch (const host::ConfigurationRefused &refused) {
        EXPECT_THAT(refused.what(), HasSubstr("Tenants.IncomingEmail.Password"));
        EXPECT_THAT(refused.what(), ::testing::Not(HasSubstr("in clear")));
    }
}

// Straight at the server: its limits are small here.
class SlowClient : public ::testing::Test {
  protected:
    host::Users users_{std::vector<host::ConfiguredUser>{}};
    host::Configuration configuration_;
    host::BrowserSessions sessions_;
    host::http::RequestCounts counts_;
    host::http::Router router_{users_, sessions_, configuration_};

    // Sends a piece every 100 ms and tells whether the server has closed the connection within five seconds.
    static bool is_cut(const host::http::Server &server, const std::string &start, const std::string &drip) {
        Poco::Net::StreamSocket client{Poco::Net::SocketAddress(server.address())};
        client.sendBytes(start.data(), static_cast<int>(start.size()));
        for (int number = 0; number < 50; ++number) {
            try {
                client.sendBytes(drip.data(), static_cast<int>(drip.size()));
                if (client.poll(Poco::Timespan(0, 100'000), Poco::Net::Socket::SELECT_READ)) return true;
            } catch (const Poco::Exception &) {
                return true;
            }
        }
        return false;
    }
};

TEST_F(SlowClient, One_that_drips_its_headers_is_cut_off) {
    host::http::Server server(router_, counts_, "127.0.0.1:0", {.request_seconds = 1});
    server.start();
    EXPECT_TRUE(is_cut(server, "GET /healthz HTTP/1.1\r\n", "X-A: b\r\n"));
}

TEST_F(SlowClient, One_that_drips_its_body_is_cut_off) {
    router_.add("POST", "/", host::http::Access::everyone,
                [](const auto &) { return host::http::Response::of({}); });
    host::http::Server server(router_, counts_, "127.0.0.1:0", {.body_seconds = 1, .request_seconds = 60});
    server.start();
    EXPECT_TRUE(is_cut(server, "POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", " "));
}

TEST_F(SlowClient, One_that_reads_nothing_of_an_endless_answer_gives_its_thread_back) {
    std::atomic<bool> given_back = false;
    router_.add("GET", "/endless", host::http::Access::everyone, [&](const auto &) {
        host::http::Response response;
        response.text = [&](const host::http::SendText &send) {
            const std::string piece(1 << 20, 'x');
            while (send(piece)) {
            }
            given_back = true;
        };
        return response;
    });
    host::http::Server server(router_, counts_, "127.0.0.1:0", {.send_seconds = 1});
    server.start();
    Poco::Net::StreamSocket client{Poco::Net::SocketAddress(server.address())};
    const std::string request = "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n";
    client.sendBytes(request.data(), static_cast<int>(request.size()));
    EXPECT_TRUE(eventually([&] { return given_back.load(); }));
    Browser other(server.address(), "");
    EXPECT_EQ(other.get("/").status, 404) << "the others are served";
}

TEST_F(SlowClient, One_that_keeps_its_connection_open_does_not_keep_the_server_from_stopping) {
    host::http::Server server(router_, counts_, "127.0.0.1:0");
    server.start();
    Browser idle(server.address(), "");
    EXPECT_EQ(idle.get("/").status, 404);
    const auto before = std::chrono::steady_clock::now();
    server.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

} // namespace
