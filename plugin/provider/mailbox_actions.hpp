// What the settings page can do beside keeping mailboxes. Every action but `pause` and `resume` takes the
// form's unsaved values.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "orch/sdk/settings_page.hpp"
#include "provider/running.hpp"

namespace roe::provider {

// A call of an action. All outlive it.
struct ActionCall {
    const orch::sdk::Caller &caller;
    const orch::sdk::PageAction &action;
    const orch::sdk::Cancellation &cancellation;
    const orch::sdk::Progress &progress;
};

// {"ok", "steps": […]}; each step is told as it ends.
orch::sdk::Outcome<nlohmann::json> test_connection(Running &running, const ActionCall &call);

// {"items": [{"name"}]}: the folders that the server has.
orch::sdk::Outcome<nlohmann::json> list_folders(Running &running, const ActionCall &call);

// What the address alone tells: see settings/detection.hpp.
orch::sdk::Outcome<nlohmann::json> detect(Running &running, const ActionCall &call);

} // namespace roe::provider
