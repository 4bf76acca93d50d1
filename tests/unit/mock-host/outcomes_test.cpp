// A plugin hears how its jobs ended, and has mails sent.
#include <sstream>

#include <gmock/gmock.h>

#include "restore.hpp"
#include "store/outgoing_mails.hpp"
#include "support/running_host.hpp"
#include "support/smtp_server.hpp"

namespace {

using namespace host;
using host::testing::content;
using host::testing::eventually;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Outcomes : public host::testing::RunningHost {
  protected:
    // What the plugin was told, in order.
    std::vector<json> told() {
        std::istringstream lines(content(of_probe("ended")));
        std::vector<json> all;
        for (std::string line; std::getline(lines, line);)
            all.push_back(json::parse(line));
        return all;
    }
    std::filesystem::path of_probe(const std::string &name) {
        return scratch_ / "data" / "plugins" / "probe" / name;
    }
    json given_ended_job(const std::string &project, const std::string &tenant_token = "root-token") {
        auto user = as(tenant_token);
        const auto made = user.post("/api/tasks", task({{"Text", "x"}}, project)).json();
        EXPECT_EQ(user.post("/api/tasks/" + made["id"].get<std::string>() + "/start").status, 200);
        json jobs;
        eventually([&] {
            jobs = user.get("/api/jobs?task=" + made["id"].get<std::string>()).json()["items"];
            return jobs.size() == 1 && !jobs[0]["endedAt"].is_null();
        });
        return jobs[0];
    }
};

TEST_F(Outcomes, Each_end_is_told_once_with_all_that_is_known_of_the_job) {
    start();
    const auto job = given_ended_job("exit 3", "boss-token");
    ASSERT_TRUE(eventually([&] { return !told().empty(); }));
    start();
    given_ended_job("true");
    ASSERT_TRUE(eventually([&] { return told().size() >= 2; }));
    ASSERT_THAT(told(), SizeIs(2)) << "not again after a restart";
    const auto first = told()[0];
    EXPECT_EQ(first["tenant"], "acme");
    EXPECT_EQ(first["id"], job["id"]);
    EXPECT_EQ(first["key"], job["idempotencyKey"]);
    EXPECT_EQ(first["retryOf"], "");
    EXPECT_EQ(first["trigger"], job["trigger"]);
    EXPECT_EQ(first["task"], "T");
    EXPECT_EQ(first["state"], "failed");
    EXPECT_EQ(first["exitCode"], 3);
    EXPECT_EQ(first["startedAt"], job["startedAt"]);
    EXPECT_EQ(first["endedAt"], job["endedAt"]);
    EXPECT_EQ(told()[1]["state"], "succeeded");
}

TEST_F(Outcomes, A_repeated_job_is_told_by_the_key_of_the_first) {
    start();
    auto root = as("root-token");
    const auto job = given_ended_job("false");
    auto again = root.post("/api/jobs/" + job["id"].get<std::string>() + "/retry").json();
    ended_job(root, again["id"]);
    again = root.post("/api/jobs/" + again["id"].get<std::string>() + "/retry").json();
    ASSERT_TRUE(eventually([&] { return told().size() >= 3; }));
    EXPECT_EQ(told()[2]["id"], again["id"]);
    EXPECT_EQ(told()[2]["retryOf"], told()[1]["id"]);
    EXPECT_EQ(told()[2]["key"], job["idempotencyKey"]);
}

TEST_F(Outcomes, It_is_told_again_until_the_plugin_has_taken_it_also_after_a_restart) {
    start();
    host::testing::write(of_probe("busy"), "yes");
    const auto job = given_ended_job("true");
    ASSERT_TRUE(eventually([&] { return told().size() >= 2; }));
    start();
    const auto before = told().size();
    ASSERT_TRUE(eventually([&] { return told().size() > before; }));
    std::filesystem::remove(of_probe("busy"));
    given_ended_job("false");
    ASSERT_TRUE(eventually([&] { return told().back()["state"] == "failed"; }));
    for (const auto &one : told()) {
        if (one["state"] == "succeeded") {
            EXPECT_EQ(one["id"], job["id"]);
        }
    }
}

TEST_F(Outcomes, After_a_restore_nothing_of_before_is_told_or_mailed) {
    auto with = host::testing::configuration();
    with["Notifications"]["Smtp"] = {
        {"Host", "127.0.0.1"}, {"Port", 1}, {"Security", "none"}, {"From", "a@b.example"}};
    start(with);
    auto root = as("root-token");
    EXPECT_EQ(root.post("/api/settings-pages/probe/actions/notify",
                        {{"values", {{"Address", "ann@shop.example"}, {"Key", "k"}, {"Text", "x"}}}})
                  .status,
              200);
    host::testing::write(of_probe("busy"), "yes");
    given_ended_job("true");
    ASSERT_TRUE(eventually([&] { return !told().empty(); }));
    host_.reset();
    EXPECT_EQ(mark_restored(read_configuration(with), scratch_ / "data").mails, 1);
    const auto before = told().size();
    std::filesystem::remove(of_probe("busy"));
    start(with);
    given_ended_job("false");
    ASSERT_TRUE(eventually([&] { return told().back()["state"] == "failed"; }));
    EXPECT_THAT(told(), SizeIs(before + 1));
    EXPECT_THAT(as("").get("/metrics").body, HasSubstr("orch_mails_waiting 0"));
}

TEST_F(Outcomes, A_plugin_that_does_not_listen_leaves_nothing_to_be_told) {
    start();
    host::testing::write(of_probe("busy"), "yes");
    given_ended_job("true");
    host_.reset();
    Database database(scratch_ / "data" / "host.sqlite");
    const auto waiting = [&] {
        return database.read(
            [](Session &session) { return jobs::next_to_tell(session, {"probe"}).has_value(); });
    };
    EXPECT_TRUE(waiting());
    database.write([](Session &session) { jobs::tell_nobody(session, "other"); });
    EXPECT_TRUE(waiting());
    database.write([](Session &session) { jobs::tell_nobody(session, "probe"); });
    EXPECT_FALSE(waiting());
}

TEST_F(Outcomes, A_message_of_a_plugin_is_mailed_and_its_erasure_takes_it_back) {
    host::testing::SmtpServer server;
    auto with = host::testing::configuration();
    with["Notifications"]["Smtp"] = {
        {"Host", "127.0.0.1"}, {"Port", server.port()}, {"Security", "none"}, {"From", "orch@host.example"}};
    const auto notify = [&](const std::string &key, const std::string &address) {
        return as("root-token")
            .post("/api/settings-pages/probe/actions/notify",
                  {{"values", {{"Address", address}, {"Key", key}, {"Text", "x"}}}});
    };
    start();
    EXPECT_THAT(notify("k", "ann@shop.example").body, HasSubstr("does not offer orch.notifications/1"));
    EXPECT_THAT(as("").get("/metrics").body, Not(HasSubstr("orch_mails")));
    start(with);
    EXPECT_EQ(notify("k", "ann@shop.example").status, 200);
    EXPECT_TRUE(eventually([&] { return server.mails().size() == 1; }));
    EXPECT_EQ(notify("l", "no address").status, 422);

    server.answer([](const std::string &) { return std::string(); });
    EXPECT_EQ(notify("m", "ann@shop.example").status, 200);
    EXPECT_THAT(as("").get("/metrics").body, HasSubstr("orch_mails_waiting 1"));
    EXPECT_EQ(as("root-token").call("DELETE", "/api/content", "").status, 204);
    EXPECT_THAT(as("").get("/metrics").body, HasSubstr("orch_mails_waiting 0"));
}

} // namespace
