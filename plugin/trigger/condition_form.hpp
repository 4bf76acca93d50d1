// MoreFilters as a form or script gives it: {"all": [{"field", "op", "name", "value", "not"}]}. Pure. [any
// thread]
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/form.hpp"
#include "trigger/condition.hpp"

namespace roe::trigger {

inline constexpr std::string_view more_filters_field = "MoreFilters";

// Reads the field out of `form`. A fault is named by its path: "MoreFilters.all.2.op", counted from 0.
Conditions read_conditions(FormReader &reader, const nlohmann::json &form);

// As it is kept and shown; null when there are none.
nlohmann::json to_json(const Conditions &conditions);

// JSON Schema and UI schema of the field.
nlohmann::json describe_conditions();
nlohmann::json describe_conditions_ui();

} // namespace roe::trigger
