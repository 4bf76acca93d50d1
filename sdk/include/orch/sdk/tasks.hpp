// orch.tasks/1: which triggers exist, started or not. [any thread]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orch/ext/tasks.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

struct TaskName {
    std::string id;
    std::string name;
};

struct KnownTrigger {
    std::string id;
    nlohmann::json parameters;
    bool started = false;
    TaskName task;
};

class TasksService {
  public:
    virtual ~TasksService() = default;

    // The tenant's triggers of one type. Blocks for a database query.
    virtual Outcome<std::vector<KnownTrigger>> triggers(std::string_view tenant, std::string_view type) = 0;
};

} // namespace orch::sdk
