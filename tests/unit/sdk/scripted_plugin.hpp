// A plugin on the SDK whose calls do what a test says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "orch/sdk/plugin.hpp"

namespace sdk_test {

using orch::sdk::Failure;
using orch::sdk::Host;
using orch::sdk::Outcome;
using orch::sdk::Status;
using Json = nlohmann::json;

// What the plugin does; the defaults do nothing and succeed.
struct Script {
    std::function<void()> make = [] {};
    std::function<Outcome<void>(Host &)> start = [](Host &) -> Outcome<void> { return {}; };
    std::function<void()> stop = [] {};
    std::function<void()> destroy = [] {};
    std::function<Outcome<Json>()> describe = [] { return Outcome<Json>(Json::array()); };
    std::function<Outcome<void>(const orch::sdk::Trigger &)> start_trigger =
        [](const orch::sdk::Trigger &) -> Outcome<void> { return {}; };
    std::function<Outcome<Json>(std::string_view)> state = [](std::string_view trigger) {
        return Outcome<Json>(Json{{"id", trigger}});
    };
    std::function<Outcome<Json>(const orch::sdk::Cancellation &)> preview =
        [](const orch::sdk::Cancellation &) {
            return Outcome<Json>(Json{{"items", Json::array()}});
        };
    std::function<Outcome<Json>(const orch::sdk::PageAction &, const orch::sdk::Progress &)> action =
        [](const orch::sdk::PageAction &, const orch::sdk::Progress &) {
            return Outcome<Json>(Json::object());
        };
    std::function<Outcome<std::vector<orch::sdk::Metric>>()> figures = [] {
        return Outcome<std::vector<orch::sdk::Metric>>(std::vector<orch::sdk::Metric>());
    };
    std::function<Outcome<std::int64_t>(std::string_view)> erase = [](std::string_view) {
        return Outcome<std::int64_t>(0);
    };
    std::function<Outcome<void>(std::string_view, const orch::sdk::EndedJob &)> job_ended =
        [](std::string_view, const orch::sdk::EndedJob &) -> Outcome<void> { return {}; };
    std::function<Outcome<Json>(std::string_view, const Json &)> translate =
        [](std::string_view, const Json &said) { return Outcome<Json>(said); };
    bool offers_triggers = true;
    bool offers_settings = true;
    bool offers_upkeep = true;
};

// The script of the next plugin that is made.
inline Script &script() {
    static Script next;
    return next;
}

// What was asked, given back, so that a test sees that every argument has arrived.
class ScriptedTriggers final : public orch::sdk::TriggerProvider {
  public:
    explicit ScriptedTriggers(const Script &script) : script_(script) {}

    Outcome<Json> describe(std::string_view tenant, std::string_view locale) override {
        auto described = script_.describe();
        if (described && described->is_array()) {
            described->push_back({{"id", "scripted"}, {"tenant", tenant}, {"locale", locale}});
        }
        return described;
    }
    Outcome<Json> validate(const orch::sdk::TriggerDraft &draft) override {
        if (draft.parameters.contains("bad")) {
            Failure failure = orch::sdk::invalid({{"bad", "This is bad."}});
            failure.code = "bad-parameter";
            return failure;
        }
        return Json{{"type", draft.type}, {"tenant", draft.tenant}, {"parameters", draft.parameters}};
    }
    Outcome<void> start(const orch::sdk::Trigger &trigger) override { return script_.start_trigger(trigger); }
    Outcome<void> stop(std::string_view) override { return {}; }
    Outcome<void> forget(std::string_view trigger) override {
        return orch::sdk::not_found("no trigger " + std::string(trigger));
    }
    Outcome<Json> state(std::string_view trigger) override { return script_.state(trigger); }
    Outcome<Json> messages(std::string_view trigger, const orch::sdk::PageQuery &query) override {
        return Json{{"items", {{{"id", trigger}, {"limit", query.limit}}}},
                    {"next", query.after.value_or("none")}};
    }
    Outcome<Json> message_action(std::string_view trigger, const orch::sdk::MessageAction &action) override {
        return Json{
            {"trigger", trigger}, {"row", action.row}, {"action", action.action}, {"user", action.user}};
    }
    Outcome<Json> preview(const orch::sdk::TriggerDraft &, std::uint32_t,
                          const orch::sdk::Cancellation &cancellation) override {
        return script_.preview(cancellation);
    }

  private:
    const Script &script_;
};

class ScriptedSettings final : public orch::sdk::SettingsPage {
  public:
    explicit ScriptedSettings(const Script &script) : script_(script) {}

    Outcome<Json> describe() override { return script_.describe(); }
    Outcome<Json> list(std::string_view page, const orch::sdk::Caller &caller,
                       const orch::sdk::PageQuery &query) override {
        return Json{{"items", {{{"id", page}, {"tenant", caller.tenant}, {"limit", query.limit}}}},
                    {"next", nullptr}};
    }
    Outcome<Json> get(std::string_view page, const orch::sdk::Caller &caller, std::string_view item) override {
        return Json{{"page", page}, {"user", caller.user}, {"id", item}};
    }
    Outcome<Json> create(std::string_view, const orch::sdk::Caller &caller, const Json &values) override {
        return Json{{"locale", caller.locale}, {"values", values}};
    }
    Outcome<Json> update(std::string_view, const orch::sdk::Caller &, std::string_view item,
                         const Json &values) override {
        return Json{{"id", item}, {"values", values}};
    }
    Outcome<void> remove(std::string_view, const orch::sdk::Caller &, std::string_view item) override {
        if (item == "base") {
            return Failure{Status::read_only, "the base mailbox is in the configuration",
                           "base-mailbox-read-only"};
        }
        return {};
    }
    Outcome<Json> action(std::string_view, const orch::sdk::Caller &, const orch::sdk::PageAction &action,
                         const orch::sdk::Cancellation &, const orch::sdk::Progress &progress) override {
        return script_.action(action, progress);
    }

  private:
    const Script &script_;
};

class ScriptedUpkeep final : public orch::sdk::Metrics, public orch::sdk::Erasure {
  public:
    explicit ScriptedUpkeep(const Script &script) : script_(script) {}

    Outcome<std::vector<orch::sdk::Metric>> read() override { return script_.figures(); }
    Outcome<std::int64_t> erase(std::string_view tenant) override { return script_.erase(tenant); }

  private:
    const Script &script_;
};

class ScriptedOutcomes final : public orch::sdk::JobOutcomes {
  public:
    explicit ScriptedOutcomes(const Script &script) : script_(script) {}

    Outcome<void> job_ended(std::string_view tenant, const orch::sdk::EndedJob &job) override {
        return script_.job_ended(tenant, job);
    }

  private:
    const Script &script_;
};

class ScriptedTranslations final : public orch::sdk::Translations {
  public:
    explicit ScriptedTranslations(const Script &script) : script_(script) {}

    Outcome<Json> translate(std::string_view locale, const Json &said) override {
        return script_.translate(locale, said);
    }

  private:
    const Script &script_;
};

class ScriptedPlugin final : public orch::sdk::Plugin {
  public:
    explicit ScriptedPlugin(Script script) : script_(std::move(script)) { script_.make(); }
    ~ScriptedPlugin() override { script_.destroy(); }

    Outcome<void> start(Host &host) override { return script_.start(host); }
    void stop() override { script_.stop(); }
    orch::sdk::TriggerProvider *trigger_provider() override {
        return script_.offers_triggers ? &triggers_ : nullptr;
    }
    orch::sdk::SettingsPage *settings_page() override { return script_.offers_settings ? &settings_ : nullptr; }
    orch::sdk::Metrics *metrics() override { return script_.offers_upkeep ? &upkeep_ : nullptr; }
    orch::sdk::Erasure *erasure() override { return script_.offers_upkeep ? &upkeep_ : nullptr; }
    orch::sdk::JobOutcomes *job_outcomes() override { return script_.offers_upkeep ? &outcomes_ : nullptr; }
    orch::sdk::Translations *translations() override {
        return script_.offers_upkeep ? &translations_ : nullptr;
    }

  private:
    const Script script_;
    ScriptedTriggers triggers_{script_};
    ScriptedSettings settings_{script_};
    ScriptedUpkeep upkeep_{script_};
    ScriptedOutcomes outcomes_{script_};
    ScriptedTranslations translations_{script_};
};

// What ORCH_SDK_PLUGIN would define.
inline orch_status_t scripted_entry(const orch_host_t *host, const orch_plugin_t **plugin,
                                    orch_error_t *error) {
    return orch::sdk::abi::enter(host, plugin, error, "scripted", "1.0.0",
                                 [] { return std::make_unique<ScriptedPlugin>(script()); });
}

} // namespace sdk_test
