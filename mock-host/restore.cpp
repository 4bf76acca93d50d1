#include "restore.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>

#include "base/files.hpp"
#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"
#include "store/outgoing_mails.hpp"
#include "store/tasks.hpp"

namespace host {
namespace {

using CountByTenant = std::map<std::string, std::int64_t>;

std::int64_t sum_of(const CountByTenant &counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                           [](std::int64_t sum, const auto &one) { return sum + one.second; });
}

std::int64_t count_of(const CountByTenant &counts, const std::string &tenant) {
    const auto found = counts.find(tenant);
    return found == counts.end() ? 0 : found->second;
}

} // namespace

MarkedRestored mark_restored(const Configuration &configuration, const std::filesystem::path &data) {
    const auto file = data / "host.sqlite";
    if (!std::filesystem::exists(file)) throw std::runtime_error(file.string() + ": there is no such file");
    const FolderLock lock(data / "lock");
    Database database(file);
    MarkedRestored marked;
    database.write([&](Session &session) {
        marked.known_until = tasks::last_activity(session);
        // The clock of another machine may be behind; plugins tell milliseconds apart.
        marked.at = std::max(wall_now(), marked.known_until + 1000);
        const auto triggers = tasks::note_restored(session, {marked.known_until, marked.at});
        const auto jobs = jobs::interrupt_unfinished(
            session, marked.at,
            "A backup was restored: this job may have run since the backup was made. Retry it if it has not.");
        // Told and mailed since the backup, as likely as not.
        jobs::tell_nobody(session);
        marked.mails = mails::drop_all(session);
        marked.triggers = sum_of(triggers);
        marked.jobs = sum_of(jobs);
        for (const auto &tenant : configuration.tenants) {
            audit::note(session, audit::backup_restored, {tenant.id, ""}, {"tenant", tenant.id, tenant.name},
                        {{"from", rfc3339(marked.known_until)},
                         {"until", rfc3339(marked.at)},
                         {"triggers", count_of(triggers, tenant.id)},
                         {"interruptedJobs", count_of(jobs, tenant.id)}});
        }
    });
    return marked;
}

} // namespace host
