// How many jobs, and how fast: sums over rows, read from indexes alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"
#include "store/database.hpp"

namespace host {

// Of the jobs that were taken within one minute.
struct MinuteOfJobs {
    Micros at = 0; // its beginning
    std::int64_t jobs = 0;
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t interrupted = 0;
    std::optional<Micros> latency{}; // the median until the start; empty: none has started
};

// How many, by state.
using JobCountsByState = std::map<std::string, std::int64_t>;

// Each takes a session of `Database::read`.
namespace jobs {

// Of a tenant's jobs that were taken from one moment on and before another, both beginnings of minutes; oldest
// first, minutes without a job left out.
std::vector<MinuteOfJobs> by_minute(Session &session, const std::string &tenant, Micros from, Micros before);

// What has not ended, by tenant.
std::map<std::string, JobCountsByState> backlogs(Session &session);

} // namespace jobs
} // namespace host
