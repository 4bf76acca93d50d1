// After a backup was restored: what happened between the backup and now is not known here any more.
//
// Jobs that had not ended may have run since, so they end as `interrupted`. Triggers may have started jobs that
// are not here, so their plugins are told at their next start (`restored` in orch.trigger-provider/1).
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/times.hpp"
#include "config/configuration.hpp"

namespace host {

struct MarkedRestored {
    std::int64_t triggers = 0;
    std::int64_t jobs = 0;
    std::int64_t mails = 0; // that go unsent
    Micros known_until = 0; // the last that the backup knows of
    Micros at = 0;
};

// Stands in the journal of every tenant. Throws std::runtime_error when a host runs on the data, or when there
// is no database.
MarkedRestored mark_restored(const Configuration &configuration, const std::filesystem::path &data);

} // namespace host
