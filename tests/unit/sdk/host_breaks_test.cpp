// Hosts that break the contract, written in bare C against a plugin on the SDK: each is named, nothing breaks.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/abi/error_text.hpp"
#include "raw_host.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::abi::str;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

orch_str_t text(const char *words) {
    return str(words);
}

// Keeps what it is given.
struct Kept {
    orch_sink_t c{sizeof(orch_sink_t), 0, this,
                  [](void *owner, const char *data, uint64_t size) -> orch_status_t {
                      static_cast<Kept *>(owner)->text.append(data, size);
                      return ORCH_OK;
                  }};
    std::string text;
};

struct HostBreaks : testing::Test {
    HostBreaks() {
        script() = {};
        host = raw_host(this);
        host.get_extension = [](void *self, orch_str_t id) -> const void * {
            const auto &me = *static_cast<HostBreaks *>(self);
            const std::string_view asked = orch::sdk::abi::view(id);
            return asked == ORCH_EXT_JOBS      ? static_cast<const void *>(&me.jobs)
                   : asked == ORCH_EXT_TASKS   ? static_cast<const void *>(&me.tasks)
                   : asked == ORCH_EXT_TENANTS ? static_cast<const void *>(&me.tenants)
                                               : nullptr;
        };
        host.log = [](void *self, int32_t, orch_str_t message) {
            auto &me = *static_cast<HostBreaks *>(self);
            const std::lock_guard lock(me.lines_mutex);
            me.lines.emplace_back(orch::sdk::abi::view(message));
        };
        jobs.struct_size = sizeof jobs;
        jobs.self = this;
        jobs.spool_folder = [](void *, const orch_sink_t *path, orch_error_t *) -> orch_status_t {
            return path->write(path->owner, "/tmp", 4);
        };
        jobs.start = [](void *self, const orch_job_request_t *const *, orch_job_reply_t *const *replies,
                        uint32_t count, orch_error_t *) -> orch_status_t {
            return static_cast<HostBreaks *>(self)->answer(replies, count);
        };
        tasks.struct_size = sizeof tasks;
        tasks.self = this;
        tasks.triggers = [](void *self, orch_str_t, orch_str_t, const orch_sink_t *result,
                            orch_error_t *) -> orch_status_t {
            const std::string &written = static_cast<HostBreaks *>(self)->tasks_result;
            return result->write(result->owner, written.data(), written.size());
        };
        tenants.struct_size = sizeof tenants;
        tenants.self = this;
        tenants.list = [](void *self, const orch_sink_t *result, orch_error_t *) -> orch_status_t {
            const std::string &written = static_cast<HostBreaks *>(self)->tenants_result;
            return result->write(result->owner, written.data(), written.size());
        };
    }
    ~HostBreaks() override {
        if (plugin != nullptr) {
            plugin->stop(plugin->self);
            plugin->destroy(plugin->self);
        }
        script() = {};
    }

    orch_status_t enter() {
        error = std::make_unique<orch::sdk::abi::ErrorText>();
        return scripted_entry(&host, &plugin, error->c());
    }
    void enter_and_start() {
        ASSERT_EQ(enter(), ORCH_OK);
        ASSERT_EQ(plugin->start(plugin->self, nullptr), ORCH_OK);
    }
    const orch_trigger_provider_t *provider() {
        return static_cast<const orch_trigger_provider_t *>(
            plugin->get_extension(plugin->self, text(ORCH_EXT_TRIGGER_PROVIDER)));
    }
    std::string words() { return {error->c()->words, error->c()->words_size}; }

    orch_host_t host{};
    orch_jobs_t jobs{};
    orch_tasks_t tasks{};
    orch_tenants_t tenants{};
    bool a_line_was_logged() {
        const std::lock_guard lock(lines_mutex);
        return !lines.empty();
    }

    int stops = 0; // outlives the plugin, which the fixture stops at the end
    std::mutex lines_mutex;
    std::vector<std::string> lines;
    std::function<orch_status_t(orch_job_reply_t *const *, uint32_t)> answer = [](orch_job_reply_t *const *,
                                                                                  uint32_t) { return ORCH_OK; };
    std::string tasks_result = "[]";
    std::string tenants_result = "[]";
    const orch_plugin_t *plugin = nullptr;
    std::unique_ptr<orch::sdk::abi::ErrorText> error;
};

TEST_F(HostBreaks, A_host_of_another_major_version_is_refused_and_told_why) {
    host.interface_version = 2u << 16;
    EXPECT_EQ(enter(), ORCH_E_UNSUPPORTED);
    EXPECT_EQ(words(), "the plugin scripted speaks version 1 of the interface, the host version 2");
    EXPECT_EQ(plugin, nullptr);
}

TEST_F(HostBreaks, A_host_of_a_newer_minor_version_is_welcome) {
    host.interface_version = ORCH_INTERFACE_VERSION + 5;
    host.struct_size = sizeof host + 64;
    EXPECT_EQ(enter(), ORCH_OK);
}

TEST_F(HostBreaks, A_host_struct_that_is_too_small_or_lacks_something_is_refused) {
    host.struct_size = sizeof host - 8;
    EXPECT_EQ(enter(), ORCH_E_CONTRACT);
    EXPECT_EQ(words(),
              "the host broke the contract of orch_plugin_entry: orch_host_t has the struct_size 88 of 96");
    host.struct_size = 4;
    EXPECT_EQ(enter(), ORCH_E_CONTRACT);
    host.struct_size = sizeof host;
    const auto log = host.log;
    host.log = nullptr;
    EXPECT_EQ(enter(), ORCH_E_CONTRACT);
    host.log = log;
    host.configuration = text("[1]");
    EXPECT_EQ(enter(), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("configuration is not a JSON object"));
    host.configuration = text("{}");
    host.data_folder = text("relative");
    EXPECT_EQ(enter(), ORCH_E_CONTRACT);
    EXPECT_EQ(scripted_entry(nullptr, &plugin, nullptr), ORCH_E_CONTRACT);
    EXPECT_EQ(scripted_entry(&host, nullptr, nullptr), ORCH_E_CONTRACT);
}

TEST_F(HostBreaks, A_plugin_started_twice_stays_started_once) {
    int starts = 0;
    script().start = [&](Host &) -> Outcome<void> {
        ++starts;
        return {};
    };
    enter_and_start();
    EXPECT_EQ(plugin->start(plugin->self, error->c()), ORCH_E_CONTRACT);
    EXPECT_EQ(words(), "the host broke the contract of orch_plugin.start: called while the plugin is started");
    EXPECT_EQ(starts, 1);
}

TEST_F(HostBreaks, Stopping_what_is_stopped_does_not_reach_the_plugin) {
    script().stop = [&] { ++stops; };
    ASSERT_EQ(enter(), ORCH_OK);
    plugin->stop(plugin->self);
    EXPECT_EQ(stops, 0);
    EXPECT_THAT(
        lines, Contains("the host broke the contract of orch_plugin.stop: called while the plugin is stopped"));
}

TEST_F(HostBreaks, A_lifecycle_call_while_another_runs_is_refused) {
    std::atomic<bool> inside = false;
    std::atomic<bool> go_on = false;
    script().start = [&](Host &) -> Outcome<void> {
        inside = true;
        while (!go_on) {
            std::this_thread::yield();
        }
        return {};
    };
    ASSERT_EQ(enter(), ORCH_OK);
    std::thread starter([&] { EXPECT_EQ(plugin->start(plugin->self, nullptr), ORCH_OK); });
    while (!inside) {
        std::this_thread::yield();
    }
    EXPECT_EQ(plugin->start(plugin->self, error->c()), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("called while the plugin is starting"));
    plugin->destroy(plugin->self);
    go_on = true;
    starter.join();
    EXPECT_THAT(
        lines,
        Contains("the host broke the contract of orch_plugin.destroy: called while the plugin is starting"));
}

TEST_F(HostBreaks, A_plugin_is_not_stopped_from_inside_a_call_of_its_own) {
    script().stop = [&] { ++stops; };
    script().start_trigger = [&](const orch::sdk::Trigger &) -> Outcome<void> {
        plugin->stop(plugin->self);
        plugin->destroy(plugin->self);
        return {};
    };
    enter_and_start();
    EXPECT_EQ(provider()->start(
                  provider()->self,
                  text(R"({"id":"t","type":"x","tenant":"","task":{"id":"","name":""},"parameters":{}})"),
                  nullptr),
              ORCH_OK);
    EXPECT_EQ(stops, 0);
    EXPECT_THAT(
        lines,
        Contains("the host broke the contract of orch_plugin.stop: called from inside a call of this plugin"));
    EXPECT_THAT(
        lines,
        Contains(
            "the host broke the contract of orch_plugin.destroy: called from inside a call of this plugin"));
}

TEST_F(HostBreaks, A_plugin_is_not_stopped_from_inside_its_call_into_the_host) {
    script().stop = [&] { ++stops; };
    script().start_trigger = [](const orch::sdk::Trigger &) -> Outcome<void> { return {}; };
    answer = [&](orch_job_reply_t *const *replies, uint32_t) {
        plugin->stop(plugin->self);
        *replies[0] = {sizeof(orch_job_reply_t), ORCH_JOB_BUSY, 0, 0, {}, 0, {}};
        return ORCH_OK;
    };
    Host *given = nullptr;
    script().start = [&](Host &the_host) -> Outcome<void> {
        given = &the_host;
        return {};
    };
    enter_and_start();
    EXPECT_EQ(given->jobs()->start(std::vector<orch::sdk::JobRequest>{{"k", "t", "{}"}}).at(0).outcome,
              orch::sdk::JobOutcome::busy);
    EXPECT_EQ(stops, 0);
}

TEST_F(HostBreaks, An_extension_called_outside_start_and_stop_does_not_reach_the_plugin) {
    int calls = 0;
    script().state = [&](std::string_view) -> Outcome<Json> {
        ++calls;
        return Json::object();
    };
    ASSERT_EQ(enter(), ORCH_OK);
    Kept kept;
    EXPECT_EQ(provider()->state(provider()->self, text("t"), &kept.c, error->c()), ORCH_E_CONTRACT);
    EXPECT_EQ(words(),
              "the host broke the contract of orch.trigger-provider/1.state: called outside start and stop");
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(provider()->describe(provider()->self, text(R"({"tenant":"","locale":"en"})"), &kept.c, nullptr),
              ORCH_OK);
}

TEST_F(HostBreaks, A_call_after_destroy_meets_a_closed_place_and_not_freed_memory) {
    int starts = 0;
    script().start = [&](Host &) -> Outcome<void> {
        ++starts;
        return {};
    };
    ASSERT_EQ(enter(), ORCH_OK);
    const orch_plugin_t *gone = plugin;
    const orch_trigger_provider_t *its_provider = provider();
    plugin->destroy(plugin->self);
    plugin = nullptr;
    Kept kept;
    testing::internal::CaptureStderr();
    EXPECT_EQ(gone->start(gone->self, error->c()), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("called after destroy"));
    gone->stop(gone->self);
    gone->destroy(gone->self);
    EXPECT_EQ(gone->get_extension(gone->self, text(ORCH_EXT_TRIGGER_PROVIDER)), nullptr);
    EXPECT_EQ(its_provider->state(its_provider->self, text("t"), &kept.c, nullptr), ORCH_E_CONTRACT);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("orch_plugin.start: called after destroy"));
    EXPECT_EQ(starts, 0);
}

TEST_F(HostBreaks, A_started_plugin_that_is_destroyed_is_stopped_first) {
    std::string order;
    script().stop = [&] { order += "stop "; };
    script().destroy = [&] { order += "destroy"; };
    enter_and_start();
    plugin->destroy(plugin->self);
    plugin = nullptr;
    EXPECT_EQ(order, "stop destroy");
    EXPECT_THAT(
        lines,
        Contains("the host broke the contract of orch_plugin.destroy: called while the plugin is started"));
}

TEST_F(HostBreaks, A_stop_while_calls_run_waits_for_them_and_names_the_host) {
    std::atomic<bool> inside = false;
    std::atomic<bool> stopped_while_inside = false;
    script().state = [&](std::string_view) -> Outcome<Json> {
        inside = true;
        while (!a_line_was_logged()) {
            std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        inside = false;
        return Json::object();
    };
    script().stop = [&] { stopped_while_inside = inside.load(); };
    enter_and_start();
    std::thread caller([&] {
        Kept kept;
        provider()->state(provider()->self, text("t"), &kept.c, nullptr);
    });
    while (!inside) {
        std::this_thread::yield();
    }
    plugin->stop(plugin->self);
    caller.join();
    EXPECT_FALSE(stopped_while_inside);
    EXPECT_THAT(lines,
                Contains("the host broke the contract of orch_plugin.stop: called while 1 of its calls into "
                         "the plugin run"));
}

TEST_F(HostBreaks, Arguments_that_are_no_JSON_no_UTF8_or_null_are_refused) {
    enter_and_start();
    const auto *c = provider();
    Kept kept;
    const auto validate = [&](orch_str_t request, const orch_sink_t *result) {
        error = std::make_unique<orch::sdk::abi::ErrorText>();
        return c->validate(c->self, request, result, error->c());
    };
    EXPECT_EQ(validate(text("{"), &kept.c), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("orch.trigger-provider/1.validate: request is not a JSON object"));
    EXPECT_EQ(validate(text("[]"), &kept.c), ORCH_E_CONTRACT);
    EXPECT_EQ(validate(text("{\"type\":\"\xFF\"}"), &kept.c), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("request is not UTF-8"));
    EXPECT_EQ(validate(text(R"({"type":"x","parameters":{}})"), &kept.c), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("request has another shape"));
    EXPECT_EQ(validate(text(R"({"type":"x","tenant":"","parameters":[]})"), &kept.c), ORCH_E_CONTRACT);
    EXPECT_EQ(validate({nullptr, 3}, &kept.c), ORCH_E_CONTRACT);
    const char *good = R"({"type":"x","tenant":"","parameters":{}})";
    EXPECT_EQ(validate(text(good), nullptr), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("result is a null pointer"));
    orch_sink_t small = kept.c;
    small.struct_size = 8;
    EXPECT_EQ(validate(text(good), &small), ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("result has the struct_size 8 of 24"));
    orch_sink_t mute = kept.c;
    mute.write = nullptr;
    EXPECT_EQ(validate(text(good), &mute), ORCH_E_CONTRACT);
    EXPECT_EQ(c->validate(nullptr, text(good), &kept.c, error->c()), ORCH_E_CONTRACT);
    EXPECT_EQ(validate(text(good), &kept.c), ORCH_OK);
    EXPECT_EQ(c->messages(c->self, text("t"), text(R"({"after":null,"limit":0})"), &kept.c, error->c()),
              ORCH_E_CONTRACT);
    EXPECT_THAT(words(), HasSubstr("limit is 0, not 1 to 1000"));
}

TEST_F(HostBreaks, A_sink_that_wants_no_more_ends_the_call) {
    enter_and_start();
    Kept kept;
    kept.c.write = [](void *, const char *, uint64_t) -> orch_status_t { return ORCH_E_FAILED; };
    EXPECT_EQ(provider()->state(provider()->self, text("t"), &kept.c, nullptr), ORCH_E_CANCELLED);
}

// What the plugin gets to see when the host answers a start with this.
struct JobAnswers : HostBreaks {
    orch::sdk::JobReply ask() {
        orch::sdk::JobReply reply;
        script().start = [&](Host &the_host) -> Outcome<void> {
            reply = the_host.jobs()->start(std::vector<orch::sdk::JobRequest>{{"k", "t", "{}"}}).at(0);
            return {};
        };
        enter_and_start();
        plugin->stop(plugin->self);
        plugin->destroy(plugin->self);
        plugin = nullptr;
        return reply;
    }
};

TEST_F(JobAnswers, Accepted_without_a_job_id_is_no_answer_and_the_host_is_named) {
    answer = [](orch_job_reply_t *const *replies, uint32_t) {
        replies[0]->outcome = ORCH_JOB_ACCEPTED;
        return ORCH_OK;
    };
    const auto reply = ask();
    EXPECT_EQ(reply.outcome, orch::sdk::JobOutcome::unanswered);
    EXPECT_EQ(reply.words, "the host broke the contract of orch.jobs/1.start: accepted without a job id");
    EXPECT_THAT(lines, Contains(reply.words));
}

TEST_F(JobAnswers, Success_without_an_outcome_is_no_answer) {
    const auto reply = ask();
    EXPECT_EQ(reply.outcome, orch::sdk::JobOutcome::unanswered);
    EXPECT_THAT(reply.words, HasSubstr("orch.jobs/1.start: returned without an outcome"));
}

TEST_F(JobAnswers, An_outcome_or_a_size_that_can_not_be_is_no_answer) {
    answer = [](orch_job_reply_t *const *replies, uint32_t) {
        replies[0]->outcome = 9;
        return ORCH_OK;
    };
    EXPECT_THAT(ask().words, HasSubstr("the unknown outcome 9"));
    answer = [](orch_job_reply_t *const *replies, uint32_t) {
        replies[0]->outcome = ORCH_JOB_ACCEPTED;
        replies[0]->job_size = 65;
        return ORCH_OK;
    };
    EXPECT_THAT(ask().words, HasSubstr("sizes that can't be"));
    answer = [](orch_job_reply_t *const *replies, uint32_t) {
        replies[0]->outcome = ORCH_JOB_ACCEPTED;
        replies[0]->job_size = 1;
        replies[0]->job[0] = '\xFF';
        return ORCH_OK;
    };
    EXPECT_THAT(ask().words, HasSubstr("not UTF-8"));
}

TEST_F(JobAnswers, An_outcome_counts_although_the_call_as_a_whole_failed) {
    answer = [](orch_job_reply_t *const *replies, uint32_t) -> orch_status_t {
        replies[0]->outcome = ORCH_JOB_DUPLICATE;
        replies[0]->job_size = 1;
        replies[0]->job[0] = '7';
        return ORCH_E_FAILED;
    };
    EXPECT_EQ(ask().job, "7");
}

TEST_F(JobAnswers, An_unknown_status_and_an_escaping_exception_are_named) {
    answer = [](orch_job_reply_t *const *, uint32_t) -> orch_status_t { return 77; };
    EXPECT_EQ(ask().words, "the host broke the contract of orch.jobs/1.start: returned the unknown status 77");
    answer = [](orch_job_reply_t *const *, uint32_t) -> orch_status_t { throw 1; };
    EXPECT_EQ(ask().words, "the host broke the contract of orch.jobs/1.start: let an exception escape");
}

TEST_F(HostBreaks, A_result_of_the_host_that_is_not_what_it_should_be_is_named) {
    std::vector<std::string> said;
    script().start = [&](Host &the_host) -> Outcome<void> {
        for (const char *result : {"[", "{}", "[{\"id\":1}]", "[\"\xFF\"]"}) {
            tasks_result = result;
            said.push_back(the_host.tasks()->triggers("", "x").failure().words);
        }
        return {};
    };
    enter_and_start();
    const std::string start = "the host broke the contract of orch.tasks/1.triggers: its result ";
    EXPECT_EQ(said[0], start + "is not JSON");
    EXPECT_EQ(said[1], start + "is not a JSON array");
    EXPECT_THAT(said[2], HasSubstr("has another shape"));
    EXPECT_EQ(said[3], start + "is not UTF-8");
}

TEST_F(HostBreaks, A_tenant_of_another_shape_is_named) {
    std::vector<std::string> said;
    script().start = [&](Host &the_host) -> Outcome<void> {
        for (const char *result : {R"({"id":""})", R"([{"id":"","name":"x","timeOffset":0}])",
                                   R"([{"id":"","name":"x","timeOffset":0,"incomingEmail":"a@b"}])"}) {
            tenants_result = result;
            said.push_back(the_host.tenants()->list().failure().words);
        }
        return {};
    };
    enter_and_start();
    const std::string list = "the host broke the contract of orch.tenants/1.list: ";
    EXPECT_EQ(said[0], list + "its result is not a JSON array");
    EXPECT_THAT(said[1], HasSubstr("has another shape"));
    EXPECT_EQ(said[2], list + "incomingEmail is neither a JSON object nor null");
}

TEST_F(HostBreaks, An_extension_that_is_too_small_or_lacks_a_function_is_not_used) {
    std::string words_of_jobs;
    std::string words_of_tasks;
    jobs.struct_size = 16;
    tasks.triggers = nullptr;
    script().start = [&](Host &the_host) -> Outcome<void> {
        words_of_jobs = the_host.jobs().failure().words;
        words_of_tasks = the_host.tasks().failure().words;
        return {};
    };
    enter_and_start();
    EXPECT_EQ(words_of_jobs, "the host broke the contract of orch.jobs/1: its struct_size is 16 of 32");
    EXPECT_EQ(words_of_tasks, "the host broke the contract of orch.tasks/1: it has no triggers");
}

TEST_F(HostBreaks, A_host_that_behaves_is_never_named) {
    enter_and_start();
    Kept kept;
    EXPECT_EQ(provider()->state(provider()->self, text("t"), &kept.c, nullptr), ORCH_OK);
    EXPECT_EQ(kept.text, R"({"id":"t"})");
    plugin->stop(plugin->self);
    plugin->destroy(plugin->self);
    plugin = nullptr;
    EXPECT_THAT(lines, IsEmpty());
}

} // namespace
