// A plugin's C struct as the SettingsPage that its host calls.
#pragma once

#include <string>

#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/settings_page.hpp"

namespace orch::sdk::abi {

class SettingsPageProxy final : public SettingsPage {
  public:
    // `c` was checked by `missing_function`.
    SettingsPageProxy(Side &side, const orch_settings_page_t &c) : plugin_(side, Into::plugin), c_(c) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_settings_page_t &c) {
        return c.describe == nullptr ? "describe"
               : c.list == nullptr   ? "list"
               : c.get == nullptr    ? "get"
               : c.create == nullptr ? "create"
               : c.update == nullptr ? "update"
               : c.remove == nullptr ? "remove"
               : c.action == nullptr ? "action"
                                     : nullptr;
    }

    Outcome<Json> describe() override {
        return plugin_.json(ORCH_EXT_SETTINGS_PAGE ".describe", Allowed::alive, Shape::array,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.describe(c_.self, result, error);
                            });
    }

    Outcome<Json> list(std::string_view page, const Caller &caller, const PageQuery &query) override {
        const std::string who = wire(write_caller(caller));
        const std::string piece = wire(write_query(query));
        return plugin_.list(ORCH_EXT_SETTINGS_PAGE ".list", Allowed::running,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.list(c_.self, str(page), str(who), str(piece), result, error);
                            });
    }

    Outcome<Json> get(std::string_view page, const Caller &caller, std::string_view item) override {
        const std::string who = wire(write_caller(caller));
        return plugin_.json(ORCH_EXT_SETTINGS_PAGE ".get", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.get(c_.self, str(page), str(who), str(item), result, error);
                            });
    }

    Outcome<Json> create(std::string_view page, const Caller &caller, const Json &values) override {
        const std::string who = wire(write_caller(caller));
        const std::string form = wire(values);
        return plugin_.json(ORCH_EXT_SETTINGS_PAGE ".create", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.create(c_.self, str(page), str(who), str(form), result, error);
                            });
    }

    Outcome<Json> update(std::string_view page, const Caller &caller, std::string_view item,
                         const Json &values) override {
        const std::string who = wire(write_caller(caller));
        const std::string form = wire(values);
        return plugin_.json(ORCH_EXT_SETTINGS_PAGE ".update", Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.update(c_.self, str(page), str(who), str(item), str(form), result,
                                                 error);
                            });
    }

    Outcome<void> remove(std::string_view page, const Caller &caller, std::string_view item) override {
        const std::string who = wire(write_caller(caller));
        return plugin_.call(ORCH_EXT_SETTINGS_PAGE ".remove", Allowed::running, [&](orch_error_t *error) {
            return c_.remove(c_.self, str(page), str(who), str(item), error);
        });
    }

    Outcome<Json> action(std::string_view page, const Caller &caller, const PageAction &action,
                         const Cancellation &cancellation, const Progress &progress) override {
        constexpr const char *call = ORCH_EXT_SETTINGS_PAGE ".action";
        const std::string who = wire(write_caller(caller));
        const std::string request = wire(write_action(action));
        const Cancellation or_stop = plugin_.cancelled_by_stop(cancellation);
        const LentCancel cancel(plugin_.side(), call, or_stop);
        const LentSink steps(plugin_.side(), call, [&](std::string_view piece) {
            const Json step = Json::parse(piece, nullptr, false);
            if (step.is_discarded()) {
                plugin_.side().other_broke(call, "a step of its progress is not one whole JSON value");
                return false;
            }
            return !progress || progress(step);
        });
        return plugin_.json(call, Allowed::running, Shape::object,
                            [&](const orch_sink_t *result, orch_error_t *error) {
                                return c_.action(c_.self, str(page), str(who), str(action.name), str(request),
                                                 cancel.c(), steps.c(), result, error);
                            });
    }

  private:
    Outgoing plugin_;
    const orch_settings_page_t &c_;
};

} // namespace orch::sdk::abi
