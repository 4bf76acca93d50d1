// The JSON Schema of manifest.json, host-api/manifest.schema.json, which is compiled in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace host {

extern const std::string_view manifest_schema;

// What the schema has against `document`, in one line; nothing when it accepts it. Any thread.
std::optional<std::string> schema_objection(const nlohmann::json &document);

} // namespace host
