// A plugin on the SDK in a host on the SDK: what goes in on one side comes out on the other, and the life of a
// plugin.
#include <atomic>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/testing/host_in_a_box.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::testing::HostInABox;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const orch::sdk::Caller ann{"acme", "ann", "ru"};

struct Crossing : testing::Test {
    Crossing() { script() = {}; }
    ~Crossing() override { script() = {}; }
    static HostInABox box() { return HostInABox(scripted_entry, "scripted", "1.0.0"); }
};

TEST_F(Crossing, Every_argument_of_the_trigger_provider_arrives) {
    orch::sdk::Trigger seen;
    script().start_trigger = [&](const orch::sdk::Trigger &trigger) -> Outcome<void> {
        seen = trigger;
        return {};
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    EXPECT_EQ(*box.triggers().describe("acme", "ru"),
              (Json{{{"id", "scripted"}, {"tenant", "acme"}, {"locale", "ru"}}}));
    ASSERT_TRUE(box.start());
    auto &triggers = box.triggers();
    EXPECT_EQ(*triggers.validate({"scripted", "acme", {{"Subject", "счёт"}}}),
              (Json{{"type", "scripted"}, {"tenant", "acme"}, {"parameters", {{"Subject", "счёт"}}}}));
    ASSERT_TRUE(triggers.start({"t1", "scripted", "acme", {"task", "Счета"}, {{"a", 1}}}));
    EXPECT_EQ(seen.id + seen.type + seen.tenant + seen.task.id + seen.task.name, "t1scriptedacmetaskСчета");
    EXPECT_EQ(seen.parameters, (Json{{"a", 1}}));
    EXPECT_FALSE(seen.restored);
    ASSERT_TRUE(triggers.start({"t1", "scripted", "acme", {}, Json::object(), {{"then", "now"}}}));
    ASSERT_TRUE(seen.restored);
    EXPECT_EQ(seen.restored->from + " " + seen.restored->until, "then now");
    EXPECT_TRUE(triggers.stop("t1"));
    EXPECT_EQ(triggers.forget("t1").failure().words, "no trigger t1");
    EXPECT_EQ(*triggers.state("t1"), (Json{{"id", "t1"}}));
    EXPECT_EQ(*triggers.messages("t1", {"cursor", 7}),
              (Json{{"items", {{{"id", "t1"}, {"limit", 7}}}}, {"next", "cursor"}}));
    EXPECT_EQ(*triggers.message_action("t1", {"5", "retry", "ann"}),
              (Json{{"trigger", "t1"}, {"row", "5"}, {"action", "retry"}, {"user", "ann"}}));
    EXPECT_TRUE(triggers.preview({"scripted", "", Json::object()}, 10, {}));
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, Every_argument_of_the_settings_page_arrives) {
    script().action = [](const orch::sdk::PageAction &action,
                         const orch::sdk::Progress &progress) -> Outcome<Json> {
        EXPECT_TRUE(progress({{"name", "dns"}}));
        EXPECT_TRUE(progress({{"name", "connect"}}));
        return Json{{"action", action.name}, {"id", action.item.value_or("none")}, {"values", action.values}};
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    auto &pages = box.settings();
    EXPECT_EQ(*pages.list("mail", ann, {{}, 3}),
              (Json{{"items", {{{"id", "mail"}, {"tenant", "acme"}, {"limit", 3}}}}, {"next", nullptr}}));
    EXPECT_EQ(*pages.get("mail", ann, "i1"), (Json{{"page", "mail"}, {"user", "ann"}, {"id", "i1"}}));
    EXPECT_EQ(*pages.create("mail", ann, {{"Email", "a@b"}}),
              (Json{{"locale", "ru"}, {"values", {{"Email", "a@b"}}}}));
    EXPECT_EQ(*pages.update("mail", ann, "i1", {{"Password", nullptr}}),
              (Json{{"id", "i1"}, {"values", {{"Password", nullptr}}}}));
    EXPECT_TRUE(pages.remove("mail", ann, "i1"));
    EXPECT_EQ(pages.remove("mail", ann, "base").failure().code, "base-mailbox-read-only");
    EXPECT_EQ(pages.remove("mail", ann, "base").failure().status, Status::read_only);
    std::vector<Json> steps;
    const auto done = pages.action("mail", ann, {"test", "i1", {{"a", 1}}}, {}, [&](const Json &step) {
        steps.push_back(step);
        return true;
    });
    EXPECT_EQ(*done, (Json{{"action", "test"}, {"id", "i1"}, {"values", {{"a", 1}}}}));
    EXPECT_THAT(steps, ElementsAre(Json{{"name", "dns"}}, Json{{"name", "connect"}}));
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, Figures_arrive_as_they_were_given) {
    using orch::sdk::Metric;
    script().figures = [] {
        return Outcome<std::vector<Metric>>(std::vector<Metric>{
            {"scripted_mails_total", Metric::Type::counter, "Письма", {{{{"why", "spam"}}, 3}, {{}, 0.25}}},
            {"scripted_none", Metric::Type::gauge, "", {}}});
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    EXPECT_EQ(box.metrics().read().failure().status, Status::busy) << "not before the start";
    ASSERT_TRUE(box.start());
    const auto figures = box.metrics().read();
    ASSERT_TRUE(figures) << figures.failure().words;
    ASSERT_EQ(figures->size(), 2U);
    const auto &mails = figures->front();
    EXPECT_EQ(mails.name + " " + mails.help, "scripted_mails_total Письма");
    EXPECT_EQ(mails.type, Metric::Type::counter);
    ASSERT_EQ(mails.values.size(), 2U);
    EXPECT_EQ(mails.values[0].labels, (std::map<std::string, std::string>{{"why", "spam"}}));
    EXPECT_EQ(mails.values[0].value, 3);
    EXPECT_EQ(mails.values[1].value, 0.25);
    EXPECT_EQ(figures->back().type, Metric::Type::gauge);
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, An_erasure_names_its_tenant_and_how_much_there_was) {
    script().erase = [](std::string_view tenant) -> Outcome<std::int64_t> {
        if (tenant == "acme") return 7;
        return orch::sdk::failed("the disk is full");
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(*box.erasure().erase("acme"), 7);
    EXPECT_EQ(box.erasure().erase("").failure().words, "the disk is full");
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, A_refusal_names_its_fields) {
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    const auto refused = box.triggers().validate({"scripted", "", {{"bad", 1}}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().status, Status::invalid);
    EXPECT_EQ(refused.failure().code, "bad-parameter");
    EXPECT_THAT(refused.failure().fields, ElementsAre(orch::sdk::FieldError{"bad", "This is bad."}));
}

TEST_F(Crossing, Every_service_of_the_host_is_reached) {
    Json parameters;
    std::string opened;
    std::vector<orch::sdk::Tenant> tenants;
    script().start = [&](Host &host) -> Outcome<void> {
        host.log(orch::sdk::LogLevel::info, "hello " + std::string(host.name()));
        EXPECT_TRUE(std::filesystem::is_directory(host.data_folder()));
        EXPECT_EQ(host.configuration().at("plugin").at("a"), 1);
        EXPECT_TRUE(std::filesystem::is_directory(*host.jobs()->spool_folder()));
        parameters = host.tasks()->triggers("acme", "scripted")->at(0).parameters;
        tenants = *host.tenants()->list();
        EXPECT_TRUE(host.page_changes()->note("mail", "acme", "mb-1"));
        opened = *host.secrets()->open("mail/1", *host.secrets()->seal("mail/1", "пароль"));
        EXPECT_TRUE(host.journal()->write(std::vector<orch::sdk::JournalEvent>{
            {60002, "TriggerEmailFired", "acme", {}, {"trigger", "t1", "Счета"}, {{"mail", 5}}}}));
        EXPECT_TRUE(host.assets()->put("acme", "mail", R"({"n":5})"));
        const auto replies = host.jobs()->start(
            std::vector<orch::sdk::JobRequest>{{"k1", "t1", R"({"n":1})"}, {"k2", "t1", R"({"n":2})"}});
        EXPECT_EQ(replies.at(1).job, "job-2");
        return {};
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0", {{"plugin", {{"a", 1}}}});
    box.tasks().add("acme", "scripted", {"t1", {{"Email", "a@b"}}, true, {"task", "Счета"}});
    box.tenants().put({"acme", "Акме", 5.5, {{"UserName", "a@b"}}});
    box.assets().make("acme", "mail");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(parameters, (Json{{"Email", "a@b"}}));
    ASSERT_EQ(tenants.size(), 2U);
    EXPECT_EQ(tenants[0].id, "");
    EXPECT_TRUE(tenants[0].incoming_email.is_null());
    EXPECT_EQ(tenants[1].name, "Акме");
    EXPECT_EQ(tenants[1].time_offset, 5.5);
    EXPECT_EQ(tenants[1].incoming_email, (Json{{"UserName", "a@b"}}));
    EXPECT_EQ(opened, "пароль");
    EXPECT_THAT(box.page_changes().noted(), ElementsAre("mail acme mb-1"));
    EXPECT_THAT(box.log().with("hello"), ElementsAre("hello a box"));
    ASSERT_EQ(box.journal().events().size(), 1U);
    EXPECT_EQ(box.journal().events()[0].subject.name, "Счета");
    EXPECT_FALSE(box.journal().events()[0].user);
    EXPECT_EQ(box.assets().value("acme", "mail"), R"({"n":5})");
    EXPECT_EQ(box.jobs().jobs().at(1).payload, (Json{{"n", 2}}));
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, An_extension_that_the_host_has_not_is_a_clear_failure) {
    std::string words;
    script().start = [&](Host &host) -> Outcome<void> {
        words = host.jobs().failure().words;
        return host.secrets().failure();
    };
    orch::sdk::testing::BoxedLog log;
    auto plugin =
        orch::sdk::LoadedPlugin::enter(scripted_entry, "scripted", "1.0.0", {"bare", "1", "/tmp"}, {&log});
    ASSERT_TRUE(plugin) << plugin.failure().words;
    const auto started = (*plugin)->start();
    EXPECT_EQ(words, "the host does not offer orch.jobs/1");
    EXPECT_EQ(started.failure().status, Status::unsupported);
    EXPECT_FALSE((*plugin)->started());
}

TEST_F(Crossing, A_plugin_without_an_extension_gives_null) {
    script().offers_settings = false;
    script().offers_upkeep = false;
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    EXPECT_EQ(box.plugin().settings_page(), nullptr);
    EXPECT_EQ(box.plugin().metrics(), nullptr);
    EXPECT_EQ(box.plugin().erasure(), nullptr);
    EXPECT_EQ(box.plugin().job_outcomes(), nullptr);
    EXPECT_EQ(box.plugin().translations(), nullptr);
    EXPECT_NE(box.plugin().trigger_provider(), nullptr);
}

TEST_F(Crossing, No_exception_of_a_plugin_crosses) {
    script().start_trigger = [](const orch::sdk::Trigger &) -> Outcome<void> {
        throw std::runtime_error("boom");
    };
    script().state = [](std::string_view) -> Outcome<Json> { throw 42; };
    script().stop = [] { throw std::runtime_error("boom in stop"); };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    const auto started = box.triggers().start({"t", "scripted", "", {}, Json::object()});
    EXPECT_EQ(started.failure().status, Status::failed);
    EXPECT_EQ(started.failure().words, "orch.trigger-provider/1.start failed unexpectedly: boom");
    EXPECT_THAT(box.triggers().state("t").failure().words, HasSubstr("no std::exception"));
    box.stop();
    EXPECT_FALSE(box.plugin().started());
    EXPECT_THAT(box.log().with("boom in stop"), testing::SizeIs(1));
}

TEST_F(Crossing, A_plugin_that_throws_when_it_is_made_or_started_is_refused_with_its_words) {
    script().make = [] { throw std::runtime_error("no disk"); };
    EXPECT_THAT([] { box(); },
                testing::ThrowsMessage<std::runtime_error>("the plugin scripted was not made: no disk"));
    script() = {};
    script().start = [](Host &) -> Outcome<void> { throw std::runtime_error("no luck"); };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    EXPECT_THAT(box.start().failure().words, HasSubstr("no luck"));
    EXPECT_FALSE(box.plugin().started());
}

TEST_F(Crossing, No_exception_of_a_host_crosses) {
    struct Throwing : orch::sdk::JobsService {
        Outcome<std::filesystem::path> spool_folder() override { throw std::runtime_error("no spool"); }
        std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest>) override {
            throw std::runtime_error("database is gone");
        }
    } jobs;
    orch::sdk::JobReply reply;
    std::string spool;
    script().start = [&](Host &host) -> Outcome<void> {
        spool = host.jobs()->spool_folder().failure().words;
        reply = host.jobs()->start(std::vector<orch::sdk::JobRequest>{{"k", "t", "{}"}}).at(0);
        return {};
    };
    orch::sdk::testing::BoxedLog log;
    auto plugin =
        orch::sdk::LoadedPlugin::enter(scripted_entry, "scripted", "1.0.0", {"h", "1", "/tmp"}, {&log, &jobs});
    ASSERT_TRUE((*plugin)->start());
    EXPECT_THAT(spool, HasSubstr("no spool"));
    EXPECT_EQ(reply.outcome, orch::sdk::JobOutcome::unanswered);
    EXPECT_THAT(reply.words, HasSubstr("database is gone"));
}

TEST_F(Crossing, Started_and_stopped_a_hundred_times_nothing_is_left) {
    std::atomic<int> threads = 0;
    std::jthread worker;
    script().start = [&](Host &host) -> Outcome<void> {
        worker = std::jthread([&](const std::stop_token &stop) {
            ++threads;
            while (!stop.stop_requested()) {
                host.log(orch::sdk::LogLevel::debug, "working");
                std::this_thread::yield();
            }
            --threads;
        });
        return {};
    };
    script().stop = [&] { worker = {}; };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(box.start());
        ASSERT_TRUE(box.triggers().state("t"));
        box.stop();
        ASSERT_EQ(threads, 0);
    }
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, Made_and_destroyed_a_hundred_times_each_is_gone) {
    int alive = 0;
    script().make = [&] { ++alive; };
    script().destroy = [&] { --alive; };
    for (int i = 0; i < 100; ++i) {
        HostInABox box(scripted_entry, "scripted", "1.0.0");
        ASSERT_EQ(alive, 1);
        ASSERT_TRUE(box.start());
    }
    EXPECT_EQ(alive, 0);
}

TEST_F(Crossing, Stop_takes_back_the_calls_that_run_and_waits_for_them) {
    std::atomic<bool> inside = false;
    std::atomic<bool> stopped_while_inside = false;
    script().preview = [&](const orch::sdk::Cancellation &cancellation) -> Outcome<Json> {
        inside = true;
        while (!cancellation.requested()) {
            std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        inside = false;
        return orch::sdk::cancelled();
    };
    script().stop = [&] { stopped_while_inside = inside.load(); };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    Status status{};
    std::thread caller([&] {
        status = box.triggers().preview({"scripted", "", Json::object()}, 10, {}).failure().status;
    });
    while (!inside) {
        std::this_thread::yield();
    }
    box.plugin().stop();
    caller.join();
    EXPECT_FALSE(stopped_while_inside);
    EXPECT_EQ(status, Status::cancelled);
    EXPECT_EQ(box.triggers().state("t").failure().status, Status::busy);
    EXPECT_THAT(box.breaches(), IsEmpty());
}

TEST_F(Crossing, A_host_may_be_asked_from_within_a_call_of_its_own) {
    Host *host = nullptr;
    script().start = [&](Host &given) -> Outcome<void> {
        host = &given;
        return {};
    };
    script().state = [&](std::string_view) -> Outcome<Json> {
        return Json{{"tasks", host->tasks()->triggers("", "scripted")->size()}};
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(*box.triggers().state("t"), (Json{{"tasks", 0}}));
}

} // namespace
