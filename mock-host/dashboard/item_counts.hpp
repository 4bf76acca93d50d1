// How many items of the settings pages are in which state: whatever page it is, if its items have a `state`.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orch/sdk/settings_page.hpp"

namespace host {

// By page, by state. A page is there when its items could be read, and empty when none of them has a state.
using ItemCounts = std::map<std::string, std::map<std::string, std::int64_t>>;

// Asks the plugin for all items of a tenant; may take as long as the plugin likes.
ItemCounts count_items(orch::sdk::SettingsPage &plugin, const std::vector<std::string> &pages,
                       const std::string &tenant);

} // namespace host
