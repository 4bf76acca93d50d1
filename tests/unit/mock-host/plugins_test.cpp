// Plugins that are broken in their own ways: each is shown with the reason, the host and the others go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_host.hpp"

namespace {

using host::testing::content;
using host::testing::eventually;
using host::testing::manifest;
using nlohmann::json;
using ::testing::HasSubstr;

class Plugins : public host::testing::RunningHost {
  protected:
    json status(std::size_t index = 0) { return as("root-token").get("/api/plugins").json()["items"][index]; }
    void start_told(const char *what) {
        auto with = host::testing::configuration();
        with["Plugins"] = {{"probe", {{what, true}}}};
        start(with);
    }
    [[nodiscard]] std::filesystem::path data_of_probe() const {
        return scratch_ / "data" / "plugins" / "probe";
    }
    void let_go() const { host::testing::write(data_of_probe() / "go-on", "yes"); }
};

TEST_F(Plugins, One_whose_manifest_names_another_minor_version_than_its_library_is_refused) {
    auto lying = manifest();
    lying["interface"] = "1.7";
    give_plugin("probe", lying);
    start();
    EXPECT_EQ(status()["state"], "refused");
    EXPECT_EQ(status()["error"],
              "its manifest says that it was built for version 1.7 of the interface, its library says 1.4");
}

TEST_F(Plugins, One_whose_manifest_names_another_version_of_itself_is_refused) {
    auto lying = manifest();
    lying["version"] = "1.0.1";
    give_plugin("probe", lying);
    start();
    EXPECT_EQ(status()["state"], "refused");
    EXPECT_THAT(status()["error"].get<std::string>(), HasSubstr("calls itself probe 1.0.0"));
}

TEST_F(Plugins, One_that_throws_is_shown_with_its_words) {
    start_told("Throw");
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_THAT(status()["error"].get<std::string>(), HasSubstr("told to throw"));
    EXPECT_EQ(as("root-token").get("/api/tasks").status, 200);
}

struct Call {
    const char *method;
    std::string path;
    json body;
    int status;          // while the plugin throws
    std::string told_in; // the call of the plugin, where its words are part of the answer
};

TEST_F(Plugins, One_that_throws_in_every_call_is_told_with_its_words_and_the_host_goes_on) {
    start();
    auto root = as("root-token");
    const std::string page = "/api/settings-pages/probe";
    const std::string item =
        page + "/items/" + root.post(page + "/items", {{"Name", "x"}}).json()["id"].get<std::string>();
    const auto made = root.post("/api/tasks", task()).json();
    const std::string its_task = "/api/tasks/" + made["id"].get<std::string>();
    const std::string trigger = "/api/triggers/" + made["triggers"][0]["id"].get<std::string>();
    ASSERT_EQ(root.post(its_task + "/start").status, 200);
    const std::vector<Call> calls{
        {"GET", page + "/items", {}, 500, "list"},
        {"GET", item, {}, 500, "get"},
        {"POST", page + "/items", {{"Name", "y"}}, 500, "create"},
        {"PUT", item, {{"Name", "y"}}, 500, "update"},
        {"DELETE", item, {}, 500, "remove"},
        {"POST", page + "/actions/echo", json::object(), 500, "action"},
        {"POST", "/api/trigger-types/probe/preview", json::object(), 500, "preview"},
        {"POST", "/api/tasks", task(), 500, "validate"},
        {"GET", trigger, {}, 500, "state"},
        {"GET", trigger + "/messages", {}, 500, "messages"},
        {"POST", trigger + "/messages/1/retry", {}, 500, "message_action"},
        {"DELETE", "/api/content", {}, 500, "erase"},
        {"GET", "/api/settings-pages", {}, 200, {}},
        {"GET", "/api/trigger-types", {}, 200, {}},
        {"GET", "/metrics", {}, 200, {}},
        {"POST", its_task + "/stop", {}, 500, "stop a trigger"},
        {"POST", its_task + "/start", {}, 500, "start a trigger"},
    };
    for (const std::string what : {"exception", "other"}) {
        host::testing::write(data_of_probe() / "throw", what);
        for (const auto &call : calls) {
            const auto answer = root.call(call.method, call.path, call.body.is_null() ? "" : call.body.dump());
            EXPECT_EQ(answer.status, call.status) << call.method << ' ' << call.path << ' ' << answer.body;
            if (what == "exception" && !call.told_in.empty()) {
                EXPECT_THAT(answer.body, HasSubstr("told to throw in " + call.told_in));
            }
        }
        EXPECT_EQ(status()["state"], "started");
        EXPECT_EQ(root.get("/healthz").status, 200);
    }
    std::filesystem::remove(data_of_probe() / "throw");
    EXPECT_EQ(root.get(item).json()["Name"], "x");
    EXPECT_EQ(root.post(its_task + "/stop").status, 200);
    EXPECT_EQ(root.post(its_task + "/start").status, 200);
    EXPECT_EQ(root.get(trigger).json()["state"], "started");

    host::testing::write(data_of_probe() / "throw", "exception");
    EXPECT_EQ(root.call("DELETE", its_task).status, 204) << "the plugin is told to forget later";
    EXPECT_TRUE(host_->stop());
}

TEST_F(Plugins, One_that_hangs_in_its_start_is_given_up_and_the_host_listens) {
    patience_.start = std::chrono::milliseconds(50);
    start_told("HangInStart");
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_EQ(status()["error"], "it has not started within 1 s");
    EXPECT_EQ(as("root-token").get("/healthz").status, 200);
    let_go();
    EXPECT_TRUE(eventually([&] { return content(data_of_probe() / "stopped") == "yes"; }))
        << "it came back too late and was stopped again";
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_TRUE(host_->stop());
}

TEST_F(Plugins, One_that_hangs_in_its_stop_does_not_hold_the_host) {
    patience_.stop = std::chrono::milliseconds(50);
    start_told("HangInStop");
    EXPECT_EQ(status()["state"], "started");
    EXPECT_FALSE(host_->stop());
    let_go();
    EXPECT_TRUE(eventually([&] { return content(data_of_probe() / "stopped") == "yes"; }));
}

} // namespace
