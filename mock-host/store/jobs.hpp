// Jobs, as rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/times.hpp"
#include "store/database.hpp"
#include "store/tasks.hpp"

namespace host {

namespace job_state {
inline constexpr const char *queued = "queued";
inline constexpr const char *starting = "starting";
inline constexpr const char *running = "running";
inline constexpr const char *succeeded = "succeeded";
inline constexpr const char *failed = "failed";
inline constexpr const char *interrupted = "interrupted";
} // namespace job_state

struct JobRow {
    std::int64_t seq = 0;
    std::string id;
    std::string plugin;
    std::optional<std::string> idempotency_key;
    std::string task;
    std::string task_name;
    std::string trigger;
    std::string tenant;
    std::string project;                // as the task had it when the job was taken
    std::optional<std::string> payload; // JSON; not in lists, and gone after the retention
    std::string spool;                  // folder name below the plugin's spool folder; may be empty
    std::int64_t bytes = 0;             // of spool and payload
    std::string state = job_state::queued;
    Micros created_at = 0;
    std::optional<Micros> started_at;
    std::optional<Micros> ended_at;
    std::optional<std::int64_t> exit_code;
    std::optional<std::string> output;
    std::optional<std::string> error;
    std::optional<std::string> retry_of;
    std::optional<Micros> received_at; // when the newest of its mails came
    // Gone with the payload.
    std::optional<std::int64_t> mails;
    std::optional<std::string> subject; // of the first of them
};

struct JobFilter {
    std::string tenant;
    std::optional<std::string> task;
    std::optional<std::string> trigger;
    std::optional<std::string> state;
};

struct JobEnd {
    std::string state;
    Micros at = 0;
    std::optional<std::int64_t> exit_code{};
    std::string output{};
    std::optional<std::string> error{};
};

// What nobody needs any longer.
struct ExpiredJob {
    std::string id;
    std::string plugin;
    std::string spool; // empty: none, or a job that is still kept reads it too
    std::int64_t bytes = 0;
};

// Each takes a session of `Database::read` or `Database::write`.
namespace jobs {

void insert(Session &session, const JobRow &job);

std::optional<std::string> find_by_key(Session &session, const std::string &plugin, const std::string &key);
bool spool_in_use(Session &session, const std::string &plugin, const std::string &spool);

std::optional<JobRow> find(Session &session, const std::string &tenant, const std::string &job);
std::optional<JobRow> find(Session &session, const std::string &job);
std::vector<JobRow> list(Session &session, const JobFilter &filter, const PageOf &page);

// Without payload and output; those of the rows that are there, in order.
std::vector<JobRow> of_rows(Session &session, const std::vector<std::int64_t> &rows);

// Without payload and output, in the order in which they were taken.
std::vector<JobRow> unfinished(Session &session);

void mark_starting(Session &session, const std::string &job);
void mark_running(Session &session, const std::string &job, Micros at);
// From now on its plugin is to be told.
void mark_ended(Session &session, const std::string &job, const JobEnd &end);

// Jobs whose end these plugins are to be told of now, without payload and output. A retry has the key of the
// first job.
std::vector<JobRow> to_tell(Session &session, const std::vector<std::string> &plugins, Micros at,
                            std::int64_t limit);
// When the next one is due; empty: none is.
std::optional<Micros> next_to_tell(Session &session, const std::vector<std::string> &plugins);
// The plugin was told, and is to be told again at a time, or not.
void note_told(Session &session, const std::string &job, std::optional<Micros> again_at);
// None of the plugin's jobs that have ended, or of all.
void tell_nobody(Session &session, const std::string &plugin);
void tell_nobody(Session &session);

// How many have not ended, by state.
std::map<std::string, std::int64_t> unfinished_by_state(Session &session);

// Ends all that have not ended as `interrupted`, and tells no plugin. How many of each tenant.
std::map<std::string, std::int64_t> interrupt_unfinished(Session &session, Micros at, const std::string &error);

// Marks all of the tenant's jobs that keep something: their content goes as soon as they have ended. How many.
std::int64_t mark_for_erasure(Session &session, const std::string &tenant);

// Jobs that ended before `ended_before`, or are marked for erasure and have ended, and still keep something.
std::vector<ExpiredJob> expired(Session &session, Micros ended_before, std::int64_t limit);

// When its files are gone. The row and its key stay, and the output unless it is marked for erasure.
void drop_payload(Session &session, const std::string &job);

// Bytes that all jobs keep.
std::int64_t bytes_kept(Session &session);

} // namespace jobs
} // namespace host
