// Every call that the router answers, asked by everybody: who gets what.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_host.hpp"

namespace {

using nlohmann::json;

// The same thing is asked for by each: one of the tenant "acme".
struct Caller {
    const char *name;
    const char *token;
    std::map<std::string, std::string> headers;
};
const std::vector<Caller> callers{
    {"nobody", "", {}},
    {"a user", "joe-token", {}},
    {"the administrator of another tenant", "gina-token", {}},
    {"the same, who says that it is hers", "gina-token", {{"X-Orch-Tenant", "acme"}}},
    {"the tenant's administrator", "boss-token", {}},
    {"the administrator", "root-token", {{"X-Orch-Tenant", "acme"}}},
};

struct Row {
    const char *call;        // as the router has it
    const char *body;        // a form that changes nothing, where that can be: what counts is who gets that far
    std::vector<int> status; // one for each caller
};

// What an item of another tenant is to a caller, 404, is told before anything of it is.
const std::vector<Row> rows{
    {"GET /", "", {200, 200, 200, 200, 200, 200}},
    {"GET /assets/{file}", "", {200, 200, 200, 200, 200, 200}},
    {"GET /favicon.svg", "", {200, 200, 200, 200, 200, 200}},
    {"GET /healthz", "", {200, 200, 200, 200, 200, 200}},
    {"GET /metrics", "", {200, 200, 200, 200, 200, 200}},
    {"GET /api/openapi.json", "", {200, 200, 200, 200, 200, 200}},
    {"POST /api/login", "{}", {422, 422, 422, 422, 422, 422}},
    {"POST /api/logout", "", {401, 204, 204, 403, 204, 204}},
    {"GET /api/me", "", {401, 200, 200, 403, 200, 200}},
    {"GET /api/plugins", "", {401, 200, 200, 403, 200, 200}},
    {"GET /api/events", "", {401, 200, 200, 403, 200, 200}},
    {"GET /api/dashboard", "", {401, 200, 200, 403, 200, 200}},
    {"GET /api/settings-pages", "", {401, 403, 200, 403, 200, 200}},
    {"GET /api/settings-pages/{page}", "", {401, 403, 200, 403, 200, 200}},
    {"GET /api/settings-pages/{page}/items", "", {401, 403, 200, 403, 200, 200}},
    {"POST /api/settings-pages/{page}/items", "{}", {401, 403, 422, 403, 422, 422}},
    {"GET /api/settings-pages/{page}/items/{item}", "", {401, 403, 404, 403, 200, 200}},
    {"PUT /api/settings-pages/{page}/items/{item}", "{}", {401, 403, 404, 403, 200, 200}},
    {"POST /api/settings-pages/{page}/actions/{action}", "{}", {401, 403, 200, 403, 200, 200}},
    {"GET /api/trigger-types", "", {401, 403, 200, 403, 200, 200}},
    {"GET /api/trigger-types/{type}", "", {401, 403, 200, 403, 200, 200}},
    {"POST /api/trigger-types/{type}/preview",
     R"({"parameters": {"Text": "x"}})",
     {401, 403, 200, 403, 200, 200}},
    {"GET /api/tasks", "", {401, 200, 200, 403, 200, 200}},
    {"POST /api/tasks", "{}", {401, 403, 422, 403, 422, 422}},
    {"GET /api/tasks/{task}", "", {401, 200, 404, 403, 200, 200}},
    {"PUT /api/tasks/{task}", "{}", {401, 403, 404, 403, 422, 422}},
    {"POST /api/tasks/{task}/start", "", {401, 200, 404, 403, 200, 200}},
    {"POST /api/tasks/{task}/stop", "", {401, 200, 404, 403, 200, 200}},
    {"GET /api/triggers/{trigger}", "", {401, 200, 404, 403, 200, 200}},
    {"GET /api/triggers/{trigger}/messages", "", {401, 200, 404, 403, 200, 200}},
    {"POST /api/triggers/{trigger}/messages/{row}/{action}", "", {401, 403, 404, 403, 200, 200}},
    {"GET /api/jobs", "", {401, 200, 200, 403, 200, 200}},
    {"GET /api/jobs/{job}", "", {401, 200, 404, 403, 200, 200}},
    {"GET /api/jobs/{job}/raw", "", {401, 200, 404, 403, 200, 200}},
    {"GET /api/jobs/{job}/html", "", {401, 200, 404, 403, 200, 200}},
    {"GET /api/jobs/{job}/attachments/{number}", "", {401, 200, 404, 403, 200, 200}},
    {"POST /api/jobs/{job}/retry", "", {401, 403, 404, 403, 201, 201}},
    {"GET /api/journal", "", {401, 403, 200, 403, 200, 200}},
    {"GET /api/assets/{name}", "", {401, 200, 404, 403, 200, 200}},
    {"PUT /api/assets/{name}", "", {401, 403, 400, 403, 400, 400}},
    // Last: they take away what the others ask for.
    {"DELETE /api/content", "", {401, 403, 204, 403, 204, 204}},
    {"DELETE /api/settings-pages/{page}/items/{item}", "", {401, 403, 404, 403, 204, 404}},
    {"DELETE /api/tasks/{task}", "", {401, 403, 404, 403, 204, 404}},
};

class Roles : public host::testing::RunningHost {
  protected:
    // One of each thing, in the tenant "acme".
    void given_things() {
        auto with = host::testing::configuration();
        with["Tenants"]["Items"].push_back({{"Id", "globex"}});
        with["Users"][2]["Tenant"] = "acme";
        with["Users"].push_back(
            {{"Name", "gina"}, {"Role", "TenantAdministrator"}, {"Tenant", "globex"}, {"Token", "gina-token"}});
        for (const char *page : {"index.html", "favicon.svg", "assets/app.js"})
            host::testing::write(scratch_ / "web" / page, "x");
        start(with);
        auto boss = as("boss-token");
        boss.put("/api/assets/thing", {{"a", 1}});
        const auto item = boss.post("/api/settings-pages/probe/items", {{"Name", "x"}, {"Secret", "s"}}).json();
        const auto made =
            boss.post("/api/tasks",
                      task({{"Text", "x"}, {"Attachment", "bytes"}, {"Payload", {{"html", "<p>"}}}}))
                .json();
        boss.post("/api/tasks/" + made["id"].get<std::string>() + "/start");
        const auto job = boss.get("/api/jobs").json()["items"][0]["id"].get<std::string>();
        ended_job(boss, job);
        things_ = {{"page", "probe"},    {"item", item["id"]}, {"type", "probe"},
                   {"task", made["id"]}, {"job", job},         {"trigger", made["triggers"][0]["id"]},
                   {"name", "thing"},    {"number", "0"},      {"row", "1"},
                   {"file", "app.js"}};
    }

    // "GET", "/api/tasks/7" of "GET /api/tasks/{task}".
    std::pair<std::string, std::string> concrete(const std::string &call) const {
        const auto space = call.find(' ');
        std::string path = call.substr(space + 1);
        for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
            const auto close = path.find('}', open);
            const auto name = path.substr(open + 1, close - open - 1);
            const std::string thing = name != "action"                     ? things_.at(name)
                                      : path.starts_with("/api/triggers/") ? "retry"
                                                                           : "echo";
            path.replace(open, close - open + 1, thing);
        }
        return {call.substr(0, space), path};
    }

    // The status alone: an event stream has no end to wait for.
    int ask(const std::string &call, const std::string &body, const Caller &caller) {
        const auto [method, path] = concrete(call);
        auto headers = caller.headers;
        headers["Content-Type"] = "application/json";
        return as(caller.token).status_of(method, path, body, headers);
    }

    std::map<std::string, std::string> things_;
};

TEST_F(Roles, Everybody_may_do_what_the_table_says_and_every_call_is_in_it) {
    given_things();
    std::set<std::string> asked;
    for (const auto &row : rows) {
        EXPECT_TRUE(asked.insert(row.call).second) << row.call;
        ASSERT_EQ(row.status.size(), callers.size()) << row.call;
        for (std::size_t index = 0; index < callers.size(); ++index) {
            EXPECT_EQ(ask(row.call, row.body, callers[index]), row.status[index])
                << row.call << " by " << callers[index].name;
        }
    }
    EXPECT_THAT(asked, ::testing::UnorderedElementsAreArray(host_->routes()))
        << "a call without a row in this table, or a row without a call";
    RecordProperty("calls", static_cast<int>(rows.size()));
    RecordProperty("callers", static_cast<int>(callers.size()));
}

} // namespace
