// A plugin's C struct as the TriggerProvider that its host calls.
#pragma once

#include <cstdint>
#include <string>

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/trigger_provider.hpp"
#include "orch/version.h"

namespace orch::sdk::abi {

class TriggerProviderProxy final : public TriggerProvider {
  public:
    // `c` was checked by `missing_function`; `built_for` is the interface's version of the plugin.
    TriggerProviderProxy(Side &side, const orch_trigger_provider_t &c, std::uint32_t built_for)
        : plugin_(side, Into::plugin), c_(c), built_for_(built_for) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_trigger_provider_t &c) {
        return c.describe == nullptr         ? "describe"
               : c.validate == nullptr       ? "validate"
               : c.start == nullptr          ? "start"
               : c.stop == nullptr           ? "stop"
               : c.forget == nullptr         ? "forget"
               : c.state == nullptr          ? "state"
               : c.messages == nullptr       ? "messages"
               : c.message_action == nullptr ? "message_action"
               : c.preview == nullptr        ? "preview"
                                             : nullptr;
    }

    Outcome<Json> describe(std::string_view tenant, std::string_view locale) override {
        const std::string request = wire({{"tenant", tenant}, {"locale", locale}});
        return plugin_.json(ORCH_EXT_TRIGGER_PROVIDER ".describe", Allowed::alive, Shape::array,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.describe(c_.self, str(request), result, error);
                            });
    }

    Outcome<Json> validate(const TriggerDraft &draft) override {
        const std::string request = wire(write_draft(draft));
        return plugin_.json(ORCH_EXT_TRIGGER_PROVIDER ".validate", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.validate(c_.self, str(request), result, error);
                            });
    }

    Outcome<void> start(const Trigger &trigger) override {
        if (trigger.restored && ORCH_VERSION_MINOR(built_for_) < 1) {
            return Failure{Status::unsupported,
                           "a backup was restored, and this plugin was built for version " +
                               std::to_string(ORCH_VERSION_MAJOR(built_for_)) + "." +
                               std::to_string(ORCH_VERSION_MINOR(built_for_)) +
                               " of the interface, which does not know of that: it would start jobs again. "
                               "Install a plugin that was built for 1.1 or later"};
        }
        const std::string json = wire(write_trigger(trigger));
        return plugin_.call(ORCH_EXT_TRIGGER_PROVIDER ".start", Allowed::running,
                            [&](orch_error_t *error) { return c_.start(c_.self, str(json), error); });
    }

    Outcome<void> stop(std::string_view trigger) override {
        return plugin_.call(ORCH_EXT_TRIGGER_PROVIDER ".stop", Allowed::running,
                            [&](orch_error_t *error) { return c_.stop(c_.self, str(trigger), error); });
    }

    Outcome<void> forget(std::string_view trigger) override {
        return plugin_.call(ORCH_EXT_TRIGGER_PROVIDER ".forget", Allowed::running,
                            [&](orch_error_t *error) { return c_.forget(c_.self, str(trigger), error); });
    }

    Outcome<Json> state(std::string_view trigger) override {
        return plugin_.json(ORCH_EXT_TRIGGER_PROVIDER ".state", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.state(c_.self, str(trigger), result, error);
                            });
    }

    Outcome<Json> messages(std::string_view trigger, const PageQuery &query) override {
        const std::string json = wire(write_query(query));
        return plugin_.list(ORCH_EXT_TRIGGER_PROVIDER ".messages", Allowed::running,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.messages(c_.self, str(trigger), str(json), result, error);
                            });
    }

    Outcome<Json> message_action(std::string_view trigger, const MessageAction &action) override {
        const std::string json = wire(write_message_action(action));
        return plugin_.json(ORCH_EXT_TRIGGER_PROVIDER ".message_action", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.message_action(c_.self, str(trigger), str(json), result, error);
                            });
    }

    Outcome<Json> preview(const TriggerDraft &draft, std::uint32_t limit,
                          const Cancellation &cancellation) override {
        Json json = write_draft(draft);
        json["limit"] = limit;
        const std::string request = wire(json);
        const Cancellation or_stop = plugin_.cancelled_by_stop(cancellation);
        const LentCancel cancel(plugin_.side(), ORCH_EXT_TRIGGER_PROVIDER ".preview", or_stop);
        return plugin_.json(ORCH_EXT_TRIGGER_PROVIDER ".preview", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.preview(c_.self, str(request), cancel.c(), result, error);
                            });
    }

  private:
    Outgoing plugin_;
    const orch_trigger_provider_t &c_;
    const std::uint32_t built_for_;
};

} // namespace orch::sdk::abi
