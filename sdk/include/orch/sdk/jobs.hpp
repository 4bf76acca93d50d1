// orch.jobs/1: a trigger fired, start its task. A host implements JobsService; a plugin gets one from
// `Host::jobs()`. [any thread]
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "orch/ext/jobs.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

struct JobRequest {
    std::string key;     // idempotency key: 1 to 200 bytes
    std::string trigger; // id of the trigger that fired
    std::string payload; // JSON text, handed to the job unchanged
    std::string spool{}; // name of a folder below `spool_folder()`, or empty
};

enum class JobOutcome : std::int32_t {
    unanswered = 0, // may or may not have been taken: ask again with the same key
    accepted = ORCH_JOB_ACCEPTED,
    duplicate = ORCH_JOB_DUPLICATE,
    busy = ORCH_JOB_BUSY,
    refused = ORCH_JOB_REFUSED,
};

struct JobReply {
    JobOutcome outcome = JobOutcome::unanswered;
    std::string job{};                       // id, when accepted or duplicate
    std::string words{};                     // why not, otherwise
    std::chrono::milliseconds retry_after{}; // 0: no advice

    // The host has the job, durably, and owns its spool folder.
    [[nodiscard]] bool taken() const {
        return outcome == JobOutcome::accepted || outcome == JobOutcome::duplicate;
    }
};

class JobsService {
  public:
    virtual ~JobsService() = default;

    // Absolute; the same during a run.
    virtual Outcome<std::filesystem::path> spool_folder() = 0;

    // One reply for each request, in their order. At most 1000 at a time. What is `accepted` is durable, and so
    // is its key: asked again, the host answers `duplicate` with the first job.
    virtual std::vector<JobReply> start(std::span<const JobRequest> requests) = 0;
};

} // namespace orch::sdk
