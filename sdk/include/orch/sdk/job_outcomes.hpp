// orch.job-outcomes/1: how jobs have ended. A plugin implements JobOutcomes; a host gets one from
// `LoadedPlugin::job_outcomes()`. [any thread], between start and stop of the plugin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orch/ext/job_outcomes.h"
#include "orch/sdk/outcome.hpp"
#include "orch/sdk/trigger_provider.hpp"

namespace orch::sdk {

struct EndedJob {
    std::string id;
    std::string key;                     // by which the plugin asked for it, or for the one that it repeats
    std::optional<std::string> retry_of; // the id of the job that it repeats
    std::string trigger;
    TaskName task;
    std::string state; // "succeeded", "failed", "interrupted"
    std::optional<std::int64_t> exit_code;
    std::optional<std::string> started_at; // RFC 3339
    std::string ended_at;
};

class JobOutcomes {
  public:
    virtual ~JobOutcomes() = default;

    // Told again until it succeeds, and perhaps once more after that. Blocks for a database transaction.
    virtual Outcome<void> job_ended(std::string_view tenant, const EndedJob &job) = 0;
};

} // namespace orch::sdk
