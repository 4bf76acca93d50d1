// Takes jobs: what a plugin asks for, and what a person asks to be run again.
//
// Promise: an accepted job, and the key that it was asked for by, are on disk when `start` returns; a key that
// comes again gets the first job, for ever.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "config/configuration.hpp"
#include "jobs/runner.hpp"
#include "orch/sdk/jobs.hpp"
#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"

namespace host {

struct SpoolUse {
    std::int64_t bytes = 0;
    std::int64_t limit = 0;
    bool paused = false; // no job is taken until some have expired
};

// Since the host started.
struct JobCounts {
    std::int64_t accepted = 0;
    std::map<std::string, std::int64_t> ended; // by state
};

class JobQueue {
  public:
    JobQueue(Database &database, Runner &runner, JobLimits limits, std::filesystem::path spool);

    // Where a plugin lays out the files of its jobs; made if it is not there.
    std::filesystem::path spool_folder(const std::string &plugin);

    // [any thread] One reply for each, in order. Throws when nothing could be stored.
    std::vector<orch::sdk::JobReply> start(const std::string &plugin,
                                           std::span<const orch::sdk::JobRequest> requests);

    // [any thread] A new job like an old one that has ended. Throws Problem.
    JobRow retry(const Actor &by, const std::string &id);

    // [any thread] Removes what ended long enough ago; returns how many jobs.
    std::size_t expire(Micros at);

    // [any thread] Payloads, spools and outputs of the tenant's jobs go: at once, and of those that run within
    // a minute of their end. The rows and their keys stay. Assets that plugins wrote into are emptied,
    // mails that wait for the mail server go unsent.
    void erase(const Actor &by, const nlohmann::json &by_plugins);

    [[nodiscard]] SpoolUse use() const;
    [[nodiscard]] JobCounts counts() const { return {accepted_, runner_.ended()}; }

  private:
    struct Asked;
    [[nodiscard]] Asked examine(const std::string &plugin, const orch::sdk::JobRequest &request) const;
    orch::sdk::JobReply take(Session &session, Asked &asked, std::int64_t &taken, bool &full);
    void note_pause(bool paused);
    [[nodiscard]] Micros retention() const { return limits_.retention_hours * 3600 * micros_per_second; }

    Database &database_;
    Runner &runner_;
    JobLimits limits_;
    std::filesystem::path spool_;
    std::atomic<std::int64_t> kept_bytes_{0};
    std::atomic<bool> paused_{false};
    std::atomic<std::int64_t> accepted_{0};
    std::mutex expiring_;
};

} // namespace host
