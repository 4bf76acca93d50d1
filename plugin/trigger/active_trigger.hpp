// A started trigger, as watching sees it. Immutable: an edit makes a new one.
#pragma once

#include <string>

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
};

} // namespace roe::trigger
