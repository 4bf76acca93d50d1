// Plugins that break the contract, written in bare C against a host on the SDK: each is named, nothing breaks.
#include <functional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/testing/host_in_a_box.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::abi::str;
using orch::sdk::testing::HostInABox;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

orch_str_t text(const char *words) {
    return str(words);
}

orch_status_t nothing(void *, orch_str_t, orch_error_t *) {
    return ORCH_OK;
}

// A plugin in bare C; a test changes what it needs.
struct Raw {
    orch_plugin_t plugin{};
    orch_trigger_provider_t provider{};
    orch_metrics_t metrics{};
    orch_erasure_t erasure{};
    const orch_host_t *host = nullptr;
    std::function<void()> on_start = [] {};
    std::function<void()> on_stop = [] {};
    std::function<void()> on_trigger = [] {};
    std::function<orch_status_t(const orch_sink_t *, orch_error_t *)> on_state =
        [](const orch_sink_t *result, orch_error_t *) { return result->write(result->owner, "{}", 2); };

    Raw() {
        plugin.struct_size = sizeof plugin;
        plugin.interface_version = ORCH_INTERFACE_VERSION;
        plugin.self = this;
        plugin.id = text("raw");
        plugin.version = text("1.0");
        plugin.start = [](void *self, orch_error_t *) -> orch_status_t {
            static_cast<Raw *>(self)->on_start();
            return ORCH_OK;
        };
        plugin.stop = [](void *self) { static_cast<Raw *>(self)->on_stop(); };
        plugin.destroy = [](void *) {};
        plugin.get_extension = [](void *self, orch_str_t id) -> const void * {
            auto &raw = *static_cast<Raw *>(self);
            const auto asked = orch::sdk::abi::view(id);
            if (asked == ORCH_EXT_TRIGGER_PROVIDER) return &raw.provider;
            if (asked == ORCH_EXT_METRICS) return &raw.metrics;
            return asked == ORCH_EXT_ERASURE ? &raw.erasure : nullptr;
        };
        provider.struct_size = sizeof provider;
        provider.self = this;
        provider.describe = [](void *self, orch_str_t, const orch_sink_t *result, orch_error_t *error) {
            return static_cast<Raw *>(self)->on_state(result, error);
        };
        provider.validate = provider.describe;
        provider.start = [](void *self, orch_str_t, orch_error_t *) -> orch_status_t {
            static_cast<Raw *>(self)->on_trigger();
            return ORCH_OK;
        };
        provider.stop = nothing;
        provider.forget = nothing;
        provider.state = provider.describe;
        provider.messages = [](void *self, orch_str_t, orch_str_t, const orch_sink_t *result,
                               orch_error_t *error) {
            return static_cast<Raw *>(self)->on_state(result, error);
        };
        provider.message_action = provider.messages;
        metrics = {sizeof metrics, 0, this, [](void *self, const orch_sink_t *result, orch_error_t *error) {
                       return static_cast<Raw *>(self)->on_state(result, error);
                   }};
        erasure = {sizeof erasure, 0, this,
                   [](void *self, orch_str_t, const orch_sink_t *result, orch_error_t *error) {
                       return static_cast<Raw *>(self)->on_state(result, error);
                   }};
        provider.preview = [](void *self, orch_str_t, const orch_cancel_t *, const orch_sink_t *result,
                              orch_error_t *error) {
            return static_cast<Raw *>(self)->on_state(result, error);
        };
    }

    const orch_jobs_t &jobs() const {
        return *static_cast<const orch_jobs_t *>(host->get_extension(host->self, text(ORCH_EXT_JOBS)));
    }
};

Raw *raw = nullptr;

orch_status_t raw_entry(const orch_host_t *host, const orch_plugin_t **plugin, orch_error_t *) {
    raw->host = host;
    *plugin = &raw->plugin;
    return ORCH_OK;
}

struct PluginBreaks : testing::Test {
    PluginBreaks() { raw = &mine; }
    ~PluginBreaks() override { raw = nullptr; }

    // Why the plugin is refused.
    std::string refusal(orch_plugin_entry_fn entry = raw_entry) {
        orch::sdk::testing::BoxedLog log;
        const auto made = orch::sdk::LoadedPlugin::enter(entry, "raw", "1.0", {"h", "1", "/tmp"}, {&log});
        return made ? "not refused" : made.failure().words;
    }

    // What the host gets for this result of a call.
    std::string words_for(const std::string &result) {
        mine.on_state = [result](const orch_sink_t *sink, orch_error_t *) {
            return sink->write(sink->owner, result.data(), result.size());
        };
        HostInABox box(raw_entry, "raw", "1.0");
        EXPECT_TRUE(box.start());
        const auto state = box.triggers().state("t");
        return state ? "no failure" : state.failure().words;
    }

    Raw mine;
    const std::string state_broken = "the plugin raw broke the contract of orch.trigger-provider/1.state: ";
};

TEST_F(PluginBreaks, One_that_is_not_what_its_manifest_says_is_refused) {
    mine.plugin.version = text("2.0");
    EXPECT_EQ(refusal(), "the plugin calls itself raw 2.0, its manifest says raw 1.0");
    mine.plugin.version = text("\xFF");
    EXPECT_THAT(refusal(), HasSubstr("(not UTF-8)"));
}

TEST_F(PluginBreaks, One_of_another_major_version_is_refused_and_not_even_destroyed) {
    mine.plugin.interface_version = 7u << 16;
    mine.plugin.destroy = [](void *) { ADD_FAILURE() << "its struct may be another"; };
    EXPECT_EQ(refusal(), "the plugin raw speaks version 7 of the interface, this host version 1");
}

TEST_F(PluginBreaks, One_that_was_built_before_there_were_restored_triggers_gets_none) {
    int starts = 0;
    mine.on_trigger = [&] { ++starts; };
    constexpr std::uint32_t before = ORCH_INTERFACE_MAJOR << 16;
    for (const auto built_for : {before, before + 1, ORCH_INTERFACE_VERSION, ORCH_INTERFACE_VERSION + 1}) {
        mine.plugin.interface_version = built_for;
        starts = 0;
        HostInABox box(raw_entry, "raw", "1.0");
        ASSERT_TRUE(box.start());
        EXPECT_TRUE(box.triggers().start({"t", "raw", "", {}, {}}));
        EXPECT_EQ(starts, 1);
        const auto restored = box.triggers().start({"t", "raw", "", {}, {}, {{"then", "now"}}});
        if (built_for == before) {
            EXPECT_EQ(restored.failure().status, Status::unsupported);
            EXPECT_THAT(restored.failure().words,
                        HasSubstr("a backup was restored, and this plugin was built for "
                                  "version 1.0 of the interface"));
            EXPECT_EQ(starts, 1);
        } else {
            EXPECT_TRUE(restored);
        }
        box.stop();
    }
}

TEST_F(PluginBreaks, One_that_is_too_small_or_lacks_something_is_refused) {
    mine.plugin.struct_size = 40;
    EXPECT_EQ(
        refusal(),
        "the plugin raw broke the contract of orch_plugin_entry: orch_plugin_t has the struct_size 40 of 80");
    mine.plugin.struct_size = sizeof mine.plugin;
    mine.plugin.stop = nullptr;
    EXPECT_THAT(refusal(), HasSubstr("orch_plugin_t lacks a function"));
    mine.plugin.stop = [](void *) {};
    mine.provider.preview = nullptr;
    EXPECT_EQ(refusal(), "the plugin raw broke the contract of orch.trigger-provider/1: it has no preview");
    mine.provider.struct_size = 24;
    EXPECT_THAT(refusal(), HasSubstr("orch.trigger-provider/1 has the struct_size 24 of 88"));
}

TEST_F(PluginBreaks, An_entry_that_lies_throws_or_is_missing_is_refused) {
    EXPECT_THAT(refusal([](const orch_host_t *, const orch_plugin_t **, orch_error_t *) -> orch_status_t {
                    return ORCH_OK;
                }),
                HasSubstr("succeeded without a plugin"));
    EXPECT_THAT(
        refusal([](const orch_host_t *, const orch_plugin_t **, orch_error_t *) -> orch_status_t { throw 1; }),
        HasSubstr("let an exception escape"));
    EXPECT_THAT(refusal(nullptr), HasSubstr("it is a null pointer"));
    EXPECT_THAT(refusal([](const orch_host_t *, const orch_plugin_t **, orch_error_t *) -> orch_status_t {
                    return ORCH_E_FAILED;
                }),
                HasSubstr("orch_plugin_entry failed with status 9 and no words"));
}

TEST_F(PluginBreaks, A_result_that_is_no_JSON_no_UTF8_or_another_shape_is_named) {
    EXPECT_EQ(words_for("{"), state_broken + "its result is not JSON");
    EXPECT_EQ(words_for(""), state_broken + "its result is not JSON");
    EXPECT_EQ(words_for("{\"a\":\"\xFF\"}"), state_broken + "its result is not UTF-8");
    EXPECT_EQ(words_for("[]"), state_broken + "its result is not a JSON object");
    EXPECT_EQ(words_for("{}"), "no failure");
}

TEST_F(PluginBreaks, A_list_without_items_or_cursor_is_named) {
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    EXPECT_THAT(box.triggers().messages("t", {}).failure().words, HasSubstr("is not a list of items"));
}

TEST_F(PluginBreaks, A_result_without_end_is_cut_off) {
    mine.on_state = [](const orch_sink_t *sink, orch_error_t *) {
        const std::string piece(1 << 20, ' ');
        for (int written = 0; written < 1000; ++written) {
            if (const orch_status_t status = sink->write(sink->owner, piece.data(), piece.size())) {
                return status;
            }
        }
        return orch_status_t{ORCH_OK};
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(box.triggers().state("t").failure().words, state_broken + "its result is larger than 64 MiB");
}

TEST_F(PluginBreaks, Figures_that_no_monitoring_could_take_are_named) {
    std::string result;
    mine.on_state = [&](const orch_sink_t *sink, orch_error_t *) {
        return sink->write(sink->owner, result.data(), result.size());
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    const auto words = [&](const Json &figures) {
        result = figures.dump();
        const auto read = box.metrics().read();
        return read ? std::string("no failure") : read.failure().words;
    };
    const Json good{{"name", "raw_mails"}, {"type", "gauge"}, {"help", "h"}, {"values", Json::array()}};
    const auto with = [&](const char *member, const Json &value) {
        Json figure = good;
        figure[member] = value;
        return Json::array({figure});
    };
    const std::string broken = "the plugin raw broke the contract of orch.metrics/1.read: ";
    EXPECT_EQ(words(Json::array({good})), "no failure");
    EXPECT_EQ(words(Json::object()), broken + "its result is not a JSON array");
    for (const char *name : {"mails", "raw-mails", "raw_mails{", "", "rawmails"})
        EXPECT_EQ(words(with("name", name)), broken + "a figure's name does not begin with raw_") << name;
    EXPECT_EQ(words(with("type", "histogram")), broken + "raw_mails is neither a counter nor a gauge");
    EXPECT_EQ(words(Json::array({good, good})), broken + "raw_mails is there twice");
    EXPECT_THAT(words(with("help", 1)), HasSubstr(broken + "a figure has another shape"));
    EXPECT_EQ(words(with("values", Json::array({{{"labels", {{"a b", "c"}}}, {"value", 1}}}))),
              broken + "a label can't be called a b");
    EXPECT_THAT(words(with("values", Json::array({{{"labels", Json::object()}, {"value", "much"}}}))),
                HasSubstr("another shape"));
}

TEST_F(PluginBreaks, An_erasure_that_does_not_say_how_much_it_erased_is_named) {
    mine.on_state = [](const orch_sink_t *sink, orch_error_t *) { return sink->write(sink->owner, "{}", 2); };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(
        box.erasure().erase("").failure().words,
        "the plugin raw broke the contract of orch.erasure/1.erase: its result does not say how many rows "
        "were emptied");
    mine.erasure.erase = nullptr;
    EXPECT_EQ(refusal(), "the plugin raw broke the contract of orch.erasure/1: it has no erase");
}

TEST_F(PluginBreaks, A_sink_written_to_after_the_call_is_named_and_writes_nothing) {
    const orch_sink_t *kept = nullptr;
    mine.on_state = [&](const orch_sink_t *sink, orch_error_t *) {
        kept = sink;
        return sink->write(sink->owner, "{}", 2);
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.triggers().state("t"));
    EXPECT_EQ(kept->write(kept->owner, "late", 4), ORCH_E_CONTRACT);
    EXPECT_THAT(box.breaches(), Contains(state_broken + "wrote to its sink after the call had returned"));
}

TEST_F(PluginBreaks, A_sink_written_to_from_another_thread_is_named) {
    mine.on_state = [](const orch_sink_t *sink, orch_error_t *) {
        orch_status_t status = ORCH_OK;
        std::thread([&] { status = sink->write(sink->owner, "{}", 2); }).join();
        EXPECT_EQ(status, ORCH_E_CONTRACT);
        return sink->write(sink->owner, "{}", 2);
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    EXPECT_TRUE(box.triggers().state("t"));
    EXPECT_THAT(box.breaches(), Contains(state_broken + "wrote to its sink from another thread"));
}

TEST_F(PluginBreaks, A_cancellation_asked_after_the_call_is_named) {
    const orch_cancel_t *kept = nullptr;
    static const orch_cancel_t **keep = nullptr;
    keep = &kept;
    mine.provider.preview = [](void *, orch_str_t, const orch_cancel_t *cancel, const orch_sink_t *result,
                               orch_error_t *) {
        *keep = cancel;
        EXPECT_EQ(cancel->requested(cancel->owner), 0);
        return result->write(result->owner, "{}", 2);
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.triggers().preview({"x", "", Json::object()}, 1, {}));
    EXPECT_EQ(kept->requested(kept->owner), 1);
    EXPECT_THAT(box.breaches(), Contains(HasSubstr("asked for its cancellation after the call had returned")));
}

TEST_F(PluginBreaks, Errors_that_make_no_sense_are_named) {
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    const auto words = [&](std::function<orch_status_t(orch_error_t *)> fail) {
        mine.on_state = [fail](const orch_sink_t *, orch_error_t *error) { return fail(error); };
        return box.triggers().state("t").failure().words;
    };
    EXPECT_EQ(words([](orch_error_t *) { return -3; }), state_broken + "returned the unknown status -3");
    EXPECT_EQ(words([](orch_error_t *error) {
                  error->words_size = error->words_capacity + 1;
                  return ORCH_E_FAILED;
              }),
              state_broken + "wrote more into the error than there is room");
    EXPECT_EQ(words([](orch_error_t *error) {
                  error->words[0] = '\xFF';
                  error->words_size = 1;
                  return ORCH_E_FAILED;
              }),
              "orch.trigger-provider/1.state failed with status 9 and no words");
    EXPECT_THAT(box.breaches(), Contains(state_broken + "failed with words that are not UTF-8"));
    EXPECT_THAT(words([](orch_error_t *) -> orch_status_t { throw 5; }), HasSubstr("let an exception escape"));
    words([](orch_error_t *error) {
        error->details[0] = '[';
        error->details_size = 1;
        return ORCH_E_INVALID;
    });
    EXPECT_THAT(box.breaches(), Contains(state_broken + "failed with details that are not a JSON object"));
}

TEST_F(PluginBreaks, A_call_into_the_host_outside_start_and_stop_takes_no_job) {
    HostInABox box(raw_entry, "raw", "1.0");
    const orch_jobs_t &jobs = mine.jobs();
    orch_job_request_t request{sizeof request, 0, text("k"), text("t"), text("{}"), {}};
    orch_job_reply_t reply{};
    reply.struct_size = sizeof reply;
    const orch_job_request_t *requests = &request;
    orch_job_reply_t *replies = &reply;
    EXPECT_EQ(jobs.start(jobs.self, &requests, &replies, 1, nullptr), ORCH_E_CONTRACT);
    EXPECT_THAT(box.breaches(),
                Contains("the plugin raw broke the contract of orch.jobs/1.start: called outside start "
                         "and stop"));
    ASSERT_TRUE(box.start());
    EXPECT_EQ(jobs.start(jobs.self, &requests, &replies, 1, nullptr), ORCH_OK);
    box.stop();
    reply.outcome = 0;
    EXPECT_EQ(jobs.start(jobs.self, &requests, &replies, 1, nullptr), ORCH_E_CONTRACT);
    EXPECT_EQ(box.jobs().requests(), 1U);
}

TEST_F(PluginBreaks, Requests_for_jobs_that_break_the_contract_are_refused_as_a_whole) {
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    const orch_jobs_t &jobs = mine.jobs();
    orch_job_request_t request{sizeof request, 0, text("k"), text("t"), text("{}"), {}};
    orch_job_reply_t reply{};
    reply.struct_size = sizeof reply;
    const auto start = [&](const orch_job_request_t *asked, orch_job_reply_t *answered, std::uint32_t count) {
        return jobs.start(jobs.self, &asked, &answered, count, nullptr);
    };
    EXPECT_EQ(start(&request, &reply, 0), ORCH_E_CONTRACT);
    EXPECT_EQ(start(&request, &reply, 1001), ORCH_E_CONTRACT);
    EXPECT_EQ(start(nullptr, &reply, 1), ORCH_E_CONTRACT);
    EXPECT_EQ(start(&request, nullptr, 1), ORCH_E_CONTRACT);
    EXPECT_EQ(jobs.start(jobs.self, nullptr, nullptr, 1, nullptr), ORCH_E_CONTRACT);
    EXPECT_EQ(jobs.start(nullptr, nullptr, nullptr, 1, nullptr), ORCH_E_CONTRACT);
    reply.struct_size = 16;
    EXPECT_EQ(start(&request, &reply, 1), ORCH_E_CONTRACT);
    EXPECT_THAT(box.breaches(), Contains(HasSubstr("a reply has the struct_size 16 of 584")));
    reply.struct_size = sizeof reply;
    const std::string long_key(201, 'k');
    for (const std::string &key : {std::string(), long_key, std::string("\xFF")}) {
        request.key = str(key);
        EXPECT_EQ(start(&request, &reply, 1), ORCH_E_CONTRACT);
    }
    request.key = text("k");
    for (const char *spool : {"..", "a/b", "."}) {
        request.spool = text(spool);
        EXPECT_EQ(start(&request, &reply, 1), ORCH_E_CONTRACT);
    }
    EXPECT_EQ(box.jobs().requests(), 0U);
}

TEST_F(PluginBreaks, A_stop_that_returns_while_a_call_into_the_host_runs_is_named) {
    struct Slow : orch::sdk::JournalService {
        std::atomic<bool> inside = false;
        std::atomic<bool> go_on = false;
        Outcome<void> write(std::span<const orch::sdk::JournalEvent>) override {
            inside = true;
            while (!go_on) {
                std::this_thread::yield();
            }
            return {};
        }
    } journal;
    orch::sdk::testing::BoxedLog log;
    auto made = orch::sdk::LoadedPlugin::enter(raw_entry, "raw", "1.0", {"h", "1", "/tmp"},
                                               {&log, nullptr, nullptr, &journal});
    ASSERT_TRUE(made) << made.failure().words;
    ASSERT_TRUE((*made)->start());
    std::thread left_behind([&] {
        const auto *c = static_cast<const orch_journal_t *>(
            mine.host->get_extension(mine.host->self, text(ORCH_EXT_JOURNAL)));
        const orch_str_t event = text(R"({"code":1,"name":"n","tenant":"","user":null,
            "subject":{"kind":"k","id":"i","name":"n"},"details":{}})");
        EXPECT_EQ(c->write(c->self, &event, 1, nullptr), ORCH_OK);
    });
    while (!journal.inside) {
        std::this_thread::yield();
    }
    (*made)->stop();
    journal.go_on = true;
    left_behind.join();
    EXPECT_THAT(log.with("broke"),
                Contains("the plugin raw broke the contract of orch_plugin.stop: it returned while "
                         "1 of its calls into the host run"));
}

TEST_F(PluginBreaks, A_call_after_destroy_meets_a_closed_place_and_not_freed_memory) {
    const orch_jobs_t *jobs = nullptr;
    {
        HostInABox box(raw_entry, "raw", "1.0");
        jobs = &mine.jobs();
    }
    testing::internal::CaptureStderr();
    const orch_host_t *gone = mine.host;
    gone->log(gone->self, ORCH_LOG_INFO, text("still here"));
    EXPECT_EQ(gone->get_extension(gone->self, text(ORCH_EXT_JOBS)), nullptr);
    EXPECT_EQ(jobs->spool_folder(jobs->self, nullptr, nullptr), ORCH_E_CONTRACT);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("the plugin raw broke the contract of orch_host.log: called after destroy"));
}

TEST_F(PluginBreaks, A_thread_left_behind_is_named_by_the_box) {
    std::atomic<bool> end = false;
    std::thread left;
    mine.on_start = [&] {
        left = std::thread([&] {
            while (!end) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
    };
    HostInABox box(raw_entry, "raw", "1.0");
    ASSERT_TRUE(box.start());
    box.stop();
    end = true;
    left.join();
    EXPECT_THAT(box.breaches(), Contains(HasSubstr("left 1 threads behind")));
}

TEST_F(PluginBreaks, A_host_that_stops_the_plugin_from_inside_its_call_is_named_itself) {
    HostInABox *the_box = nullptr;
    mine.on_state = [&](const orch_sink_t *sink, orch_error_t *) {
        the_box->plugin().stop();
        return sink->write(sink->owner, "{}", 2);
    };
    HostInABox box(raw_entry, "raw", "1.0");
    the_box = &box;
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.triggers().state("t"));
    EXPECT_TRUE(box.plugin().started());
    EXPECT_THAT(
        box.breaches(),
        Contains("the host broke the contract of orch_plugin.stop: called from inside a call of this plugin"));
}

TEST_F(PluginBreaks, An_unknown_log_level_and_a_line_that_is_no_UTF8_are_named) {
    HostInABox box(raw_entry, "raw", "1.0");
    mine.host->log(mine.host->self, 99, text("line"));
    mine.host->log(mine.host->self, ORCH_LOG_INFO, text("\xFF"));
    EXPECT_THAT(box.breaches(), Contains(HasSubstr("orch_host.log: the unknown level 99")));
    EXPECT_THAT(box.breaches(), Contains(HasSubstr("orch_host.log: message is not UTF-8")));
    EXPECT_THAT(box.log().with("line"), testing::SizeIs(1));
}

// On the plugin's own side of the SDK the same is caught before it crosses.
TEST(PluginOnTheSdkBreaks, Its_own_breaches_are_named_before_they_cross) {
    Host *host = nullptr;
    orch::sdk::JobsService *jobs = nullptr;
    std::vector<orch::sdk::JobReply> replies;
    script() = {};
    script().start = [&](Host &given) -> Outcome<void> {
        host = &given;
        jobs = &*given.jobs();
        replies = jobs->start(std::vector<orch::sdk::JobRequest>{
            {"", "t", "{}"}, {"good", "t", "{}"}, {"k", "t", "no JSON"}, {"k", "t", "{}", "../up"}});
        return {};
    };
    script().state = [](std::string_view) { return Outcome<Json>(Json{{"text", "\xFF"}}); };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    script() = {};
    ASSERT_TRUE(box.start());
    EXPECT_EQ(replies[0].outcome, orch::sdk::JobOutcome::refused);
    EXPECT_THAT(replies[0].words,
                HasSubstr("the plugin scripted broke the contract of orch.jobs/1.start: a key"));
    EXPECT_EQ(replies[1].outcome, orch::sdk::JobOutcome::accepted);
    EXPECT_EQ(replies[2].outcome, orch::sdk::JobOutcome::refused);
    EXPECT_EQ(replies[3].outcome, orch::sdk::JobOutcome::refused);
    EXPECT_THAT(box.triggers().state("t").failure().words, HasSubstr("its result is not UTF-8"));
    box.stop();
    EXPECT_THAT(jobs->start(std::vector<orch::sdk::JobRequest>{{"k", "t", "{}"}}).at(0).words,
                HasSubstr("called outside start and stop"));
    EXPECT_EQ(box.jobs().requests(), 1U);
}

// And on the host's own side: a service whose answers can't be told to a plugin.
TEST(HostOnTheSdkBreaks, Its_own_breaches_are_named_before_they_cross) {
    struct Bad : orch::sdk::JobsService {
        std::vector<orch::sdk::JobReply> replies;
        Outcome<std::filesystem::path> spool_folder() override { return std::filesystem::path("/tmp"); }
        std::vector<orch::sdk::JobReply> start(std::span<const orch::sdk::JobRequest>) override {
            return replies;
        }
    } jobs;
    std::vector<std::string> words;
    script() = {};
    script().start = [&](Host &host) -> Outcome<void> {
        const std::vector<std::vector<orch::sdk::JobReply>> answers{
            {}, {{orch::sdk::JobOutcome::accepted}}, {{orch::sdk::JobOutcome::accepted, std::string(65, 'j')}}};
        for (const auto &replies : answers) {
            jobs.replies = replies;
            words.push_back(
                host.jobs()->start(std::vector<orch::sdk::JobRequest>{{"k", "t", "{}"}}).at(0).words);
        }
        return {};
    };
    orch::sdk::testing::BoxedLog log;
    auto plugin =
        orch::sdk::LoadedPlugin::enter(scripted_entry, "scripted", "1.0.0", {"h", "1", "/tmp"}, {&log, &jobs});
    script() = {};
    ASSERT_TRUE((*plugin)->start());
    const std::string broke = "the host broke the contract of orch.jobs/1.start: ";
    EXPECT_EQ(words[0], broke + "0 replies to 1 requests");
    EXPECT_EQ(words[1], broke + "taken without a job id");
    EXPECT_EQ(words[2], broke + "a job id of more than 64 bytes");
}

} // namespace
