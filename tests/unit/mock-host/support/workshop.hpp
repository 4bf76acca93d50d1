// Database, runner and queue as the host wires them, without plugins and HTTP.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "jobs/queue.hpp"
#include "jobs/runner.hpp"
#include "store/database.hpp"
#include "store/tasks.hpp"
#include "support/scratch.hpp"

namespace host::testing {

class Workshop {
  public:
    explicit Workshop(const std::filesystem::path &folder, JobLimits limits = {})
        : folder_(folder), database(folder / "host.sqlite"),
          runner(database, {JOB_LAUNCHER, prepared(folder / "jobs"), limits.concurrency}),
          queue(database, runner, limits, prepared(folder / "spool")) {}

    // A task whose one trigger has the task's own id.
    void given_task(const std::string &id, const std::string &project) {
        TaskRow task;
        task.id = id;
        task.name = "task " + id;
        task.project = project;
        task.triggers = {{id, id, "probe", "probe", "{}"}};
        database.write([&](Session &session) { tasks::insert(session, task); });
    }

    // Asks for one job and returns its id; empty when it was not accepted.
    std::string ask(const std::string &trigger, const std::string &key, const std::string &payload = "{}",
                    const std::string &spool = "") {
        const orch::sdk::JobRequest request{key, trigger, payload, spool};
        const auto replies = queue.start("probe", std::span(&request, 1));
        return replies[0].outcome == orch::sdk::JobOutcome::accepted ? replies[0].job : "";
    }

    JobRow job(const std::string &id) {
        return *database.read([&](Session &session) { return jobs::find(session, id); });
    }

    // The job once it has ended.
    JobRow ended(const std::string &id) {
        eventually([&] { return job(id).ended_at.has_value(); });
        return job(id);
    }

    [[nodiscard]] JobFolder files(const std::string &id) const { return {folder_ / "jobs", id}; }

  private:
    static std::filesystem::path prepared(const std::filesystem::path &folder) {
        std::filesystem::create_directories(folder);
        return folder;
    }
    std::filesystem::path folder_;

  public:
    Database database;
    Runner runner;
    JobQueue queue;
};

} // namespace host::testing
