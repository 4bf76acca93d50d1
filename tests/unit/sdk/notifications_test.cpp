// orch.notifications/1 and orch.job-outcomes/1 over the boundary: what goes in comes out, and who breaks a
// contract is named.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/testing/host_in_a_box.hpp"
#include "raw_host.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::EndedJob;
using orch::sdk::Notification;
using orch::sdk::NotificationsService;
using orch::sdk::testing::HostInABox;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string plugin_broke = "the plugin scripted broke the contract of orch.notifications/1.send: ";
const std::string host_broke = "the host broke the contract of orch.";

Notification to_ann() {
    return {{"ann@shop.example"}, "Auto: Заказ", "Готово.\n", "1@shop.example", {"0@shop.example"}};
}

// What a plugin does in its start, in a host on the SDK.
struct Notifications : testing::Test {
    Notifications() { script() = {}; }
    ~Notifications() override { script() = {}; }

    void in_start(std::function<void(NotificationsService &)> body) {
        script().start = [body = std::move(body)](Host &host) -> Outcome<void> {
            body(*host.notifications());
            return {};
        };
        box.emplace(scripted_entry, "scripted", "1.0.0");
        ASSERT_TRUE(box->start());
    }

    std::optional<HostInABox> box;
};

TEST_F(Notifications, A_message_arrives_as_it_was_given_and_once_for_its_key) {
    in_start([](NotificationsService &notifications) {
        EXPECT_TRUE(notifications.send("acme", "k1", to_ann()));
        EXPECT_TRUE(notifications.send("acme", "k1", to_ann()));
        EXPECT_TRUE(notifications.send("", "k2", {{"a@b", "c@d"}, "s", "t", {}, {}}));
    });
    const auto sent = box->notifications().sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].tenant + " " + sent[0].key, "acme k1");
    EXPECT_THAT(sent[0].message.to, ElementsAre("ann@shop.example"));
    EXPECT_EQ(sent[0].message.subject, "Auto: Заказ");
    EXPECT_EQ(sent[0].message.text, "Готово.\n");
    EXPECT_EQ(sent[0].message.in_reply_to, "1@shop.example");
    EXPECT_THAT(sent[0].message.references, ElementsAre("0@shop.example"));
    EXPECT_FALSE(sent[1].message.in_reply_to);
    EXPECT_THAT(box->breaches(), IsEmpty());
}

TEST_F(Notifications, What_a_host_refuses_is_told_with_its_words_and_advice) {
    std::vector<Failure> told;
    in_start([&](NotificationsService &notifications) {
        box->notifications().fail_sends(Failure{Status::busy, "later", {}, {}, std::chrono::milliseconds(70)});
        told.push_back(notifications.send("", "k", to_ann()).failure());
        box->notifications().fail_sends(Failure{Status::invalid, "no such address"});
        told.push_back(notifications.send("", "k", to_ann()).failure());
    });
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].status, Status::busy);
    EXPECT_EQ(told[0].retry_after, std::chrono::milliseconds(70));
    EXPECT_EQ(told[1].status, Status::invalid);
    EXPECT_EQ(told[1].words, "no such address");
    EXPECT_THAT(box->breaches(), IsEmpty());
}

TEST_F(Notifications, What_a_plugin_must_not_ask_does_not_reach_the_host_and_is_named) {
    std::vector<std::string> told;
    in_start([&](NotificationsService &notifications) {
        const auto words = [&](std::string_view tenant, std::string_view key, const Notification &message) {
            return notifications.send(tenant, key, message).failure().words;
        };
        told = {words("", "", to_ann()), words("", std::string(301, 'k'), to_ann()),
                words("\xFF", "k", to_ann()), words("", "k", {}),
                words("", "k", {std::vector<std::string>(101, "a@b"), "s", "t", {}, {}})};
    });
    EXPECT_THAT(told, ElementsAre(plugin_broke + "a key that is not of 1 to 300 bytes",
                                  plugin_broke + "a key that is not of 1 to 300 bytes",
                                  plugin_broke + "a tenant or key that is not UTF-8",
                                  plugin_broke + "a message that is not to 1 to 100 addresses",
                                  plugin_broke + "a message that is not to 1 to 100 addresses"));
    EXPECT_THAT(box->notifications().sent(), IsEmpty());
}

TEST_F(Notifications, A_plugin_in_bare_C_is_held_to_the_same) {
    static const orch_host_t *given;
    box.emplace(
        [](const orch_host_t *host, const orch_plugin_t **plugin, orch_error_t *error) {
            given = host;
            return scripted_entry(host, plugin, error);
        },
        "scripted", "1.0.0");
    ASSERT_TRUE(box->start());
    using orch::sdk::abi::str;
    const auto &notifications = *static_cast<const orch_notifications_t *>(
        given->get_extension(given->self, str(ORCH_EXT_NOTIFICATIONS)));
    const auto send = [&](std::string_view key, std::string_view message) {
        return notifications.send(notifications.self, str(""), str(key), str(message), nullptr);
    };
    const std::string rest = R"(,"subject":"s","text":"t","inReplyTo":null,"references":[]})";
    EXPECT_EQ(send("k", R"({"to":["a@b"])" + rest), ORCH_OK);
    EXPECT_EQ(send("", R"({"to":["a@b"])" + rest), ORCH_E_CONTRACT);
    EXPECT_EQ(send(std::string(301, 'k'), R"({"to":["a@b"])" + rest), ORCH_E_CONTRACT);
    EXPECT_EQ(send("l", R"({"to":[])" + rest), ORCH_E_CONTRACT);
    EXPECT_EQ(send("l", R"({"to":"a@b")" + rest), ORCH_E_CONTRACT);
    EXPECT_EQ(send("l", R"({"to":["a@b"]})"), ORCH_E_CONTRACT);
    EXPECT_EQ(send("l", "[]"), ORCH_E_CONTRACT);
    EXPECT_EQ(notifications.send(nullptr, str(""), str("l"), str("{}"), nullptr), ORCH_E_CONTRACT);
    EXPECT_EQ(box->notifications().sent().size(), 1U);
    EXPECT_THAT(box->breaches(), Contains(plugin_broke + "a key of 301 bytes, not 1 to 300"));
    EXPECT_THAT(box->breaches(), Contains(plugin_broke + "a message to 0 addresses, not 1 to 100"));
    EXPECT_THAT(box->breaches(), Contains(HasSubstr("the message has another shape")));
}

TEST_F(Notifications, A_host_without_them_or_with_half_of_them_says_so) {
    std::vector<std::string> told;
    script().start = [&](Host &host) -> Outcome<void> {
        told.push_back(host.notifications().failure().words);
        return {};
    };
    static orch_notifications_t offered;
    static bool offers;
    orch_host_t host = raw_host(nullptr);
    host.get_extension = [](void *, orch_str_t id) -> const void * {
        return offers && orch::sdk::abi::view(id) == ORCH_EXT_NOTIFICATIONS ? &offered : nullptr;
    };
    host.log = [](void *, int32_t, orch_str_t) {};
    const auto start = [&] {
        const orch_plugin_t *plugin = nullptr;
        ASSERT_EQ(scripted_entry(&host, &plugin, nullptr), ORCH_OK);
        EXPECT_EQ(plugin->start(plugin->self, nullptr), ORCH_OK);
        plugin->stop(plugin->self);
        plugin->destroy(plugin->self);
    };
    offers = false;
    start();
    offers = true;
    offered = {16, 0, nullptr, nullptr};
    start();
    offered.struct_size = sizeof offered;
    start();
    EXPECT_THAT(told, ElementsAre("the host does not offer orch.notifications/1",
                                  host_broke + "notifications/1: its struct_size is 16 of 24",
                                  host_broke + "notifications/1: it has no send"));
}

EndedJob a_job() {
    return {"job-1",
            "k/1",
            "job-0",
            "t",
            {"task", "Счета"},
            "failed",
            3,
            "2026-11-27T10:00:00Z",
            "2026-11-27T10:00:01Z"};
}

TEST_F(Notifications, The_end_of_a_job_arrives_whole_and_is_told_again_until_it_was_taken) {
    std::vector<EndedJob> heard;
    script().job_ended = [&](std::string_view tenant, const EndedJob &job) -> Outcome<void> {
        heard.push_back(job);
        if (tenant == "busy") return Failure{Status::busy, "later"};
        return {};
    };
    box.emplace(scripted_entry, "scripted", "1.0.0");
    EXPECT_EQ(box->job_outcomes().job_ended("", a_job()).failure().status, Status::busy) << "not yet started";
    ASSERT_TRUE(box->start());
    EXPECT_TRUE(box->job_outcomes().job_ended("acme", a_job()));
    EXPECT_EQ(box->job_outcomes()
                  .job_ended("busy", {"j", "k", {}, "t", {}, "succeeded", {}, {}, "then"})
                  .failure()
                  .status,
              Status::busy);
    ASSERT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard[0].id + " " + heard[0].key + " " + *heard[0].retry_of, "job-1 k/1 job-0");
    EXPECT_EQ(heard[0].trigger + " " + heard[0].task.id + " " + heard[0].task.name, "t task Счета");
    EXPECT_EQ(heard[0].state + " " + std::to_string(*heard[0].exit_code), "failed 3");
    EXPECT_EQ(*heard[0].started_at + " " + heard[0].ended_at, "2026-11-27T10:00:00Z 2026-11-27T10:00:01Z");
    EXPECT_FALSE(heard[1].retry_of || heard[1].exit_code || heard[1].started_at);
    EXPECT_THAT(box->breaches(), IsEmpty());
}

TEST_F(Notifications, A_host_that_tells_of_no_end_is_named) {
    int heard = 0;
    script().job_ended = [&](std::string_view, const EndedJob &) -> Outcome<void> {
        ++heard;
        return {};
    };
    box.emplace(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box->start());
    auto running = a_job();
    running.state = "running";
    EXPECT_EQ(box->job_outcomes().job_ended("", running).failure().words,
              host_broke + "job-outcomes/1.job_ended: a job in the state running has not ended");
    EXPECT_EQ(heard, 0);
}

} // namespace
