// orch.settings-page/1: pages of settings that the host renders and serves. A plugin implements SettingsPage; a
// host gets one from `LoadedPlugin::settings_page()`. What each JSON looks like stands in
// orch/ext/settings_page.h. [any thread], between start and stop of the plugin; `describe` also outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "orch/ext/settings_page.h"
#include "orch/sdk/cancellation.hpp"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/paging.hpp"

namespace orch::sdk {

// For whom the host calls. The host has checked that they may.
struct Caller {
    std::string tenant;
    std::string user;
    std::string locale = "en";
};

struct PageAction {
    std::string name;
    std::optional<std::string> item{};                // empty: the form is a new item's
    nlohmann::json values = nlohmann::json::object(); // as they stand in the form, unsaved
};

class SettingsPage {
  public:
    virtual ~SettingsPage() = default;

    virtual Outcome<nlohmann::json> describe() = 0;

    virtual Outcome<nlohmann::json> list(std::string_view page, const Caller &caller,
                                         const PageQuery &query) = 0;

    virtual Outcome<nlohmann::json> get(std::string_view page, const Caller &caller, std::string_view item) = 0;

    // Durable when it returns; the value is the new item.
    virtual Outcome<nlohmann::json> create(std::string_view page, const Caller &caller,
                                           const nlohmann::json &values) = 0;

    // Returns when the old values are in use no more.
    virtual Outcome<nlohmann::json> update(std::string_view page, const Caller &caller, std::string_view item,
                                           const nlohmann::json &values) = 0;

    virtual Outcome<void> remove(std::string_view page, const Caller &caller, std::string_view item) = 0;

    // `progress` can always be called.
    virtual Outcome<nlohmann::json> action(std::string_view page, const Caller &caller,
                                           const PageAction &action, const Cancellation &cancellation,
                                           const Progress &progress) = 0;
};

} // namespace orch::sdk
