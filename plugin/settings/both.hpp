#pragma once

#include <nlohmann/json.hpp>

namespace roe::settings {

// A text of a page in every language of the plugin.
inline nlohmann::json both(const char *en, const char *ru) {
    return {{"en", en}, {"ru", ru}};
}

} // namespace roe::settings
