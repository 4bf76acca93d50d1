// What the descriptions of forms and pages are made of, with their texts in every language of the plugin.
#pragma once

#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace roe {

inline nlohmann::json both(const char *en, const char *ru) {
    return {{"en", en}, {"ru", ru}};
}

// A field of a JSON Schema; `type` is a name, or a list of them.
inline nlohmann::json labelled(nlohmann::json type, const char *en, const char *ru) {
    return {{"type", std::move(type)}, {"title", en}, {"x-title", both(en, ru)}};
}

// One value of a field that offers some.
inline nlohmann::json option(std::string_view value, const char *en, const char *ru) {
    return {{"const", value}, {"title", en}, {"x-title", both(en, ru)}};
}

} // namespace roe
