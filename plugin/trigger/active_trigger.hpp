// A started trigger, as watching sees it. Immutable: an edit makes a new one.
#pragma once

#include <optional>
#include <string>

#include "ledger/ledger.hpp"
#include "trigger/filter.hpp"
#include "trigger/parameters.hpp"

namespace roe::trigger {

struct ActiveTrigger {
    std::string id;
    std::string tenant;
    std::string task_id;
    std::string task_name;
    Parameters parameters;
    Filter filter;
    // When it was started, a backup had been restored and the trigger had not looked since.
    std::optional<ledger::Restored> restored{};
};

} // namespace roe::trigger
