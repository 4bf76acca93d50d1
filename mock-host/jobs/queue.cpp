#include "jobs/queue.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "base/random_id.hpp"
#include "crash_point.hpp"
#include "jobs/payload_reading.hpp"
#include "store/assets.hpp"
#include "store/outgoing_mails.hpp"

namespace host {
namespace {

using orch::sdk::JobOutcome;
using orch::sdk::JobReply;
using orch::sdk::JobRequest;

constexpr std::chrono::seconds busy_pause{5};
constexpr std::size_t longest_key = 200;

JobReply refused(std::string words) {
    return {JobOutcome::refused, {}, std::move(words)};
}

bool is_folder_name(const std::string &name) {
    return name != "." && name != ".." && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

} // namespace

// A request with what can be found out before the transaction.
struct JobQueue::Asked {
    JobRow job;
    std::string objection; // why it is refused; empty: it is not
};

JobQueue::JobQueue(Database &database, Runner &runner, JobLimits limits, std::filesystem::path spool)
    : database_(database), runner_(runner), limits_(limits), spool_(std::move(spool)) {
    kept_bytes_ = database_.read([](Session &session) { return jobs::bytes_kept(session); });
}

std::filesystem::path JobQueue::spool_folder(const std::string &plugin) {
    auto folder = spool_ / plugin;
    make_private_folder(folder);
    return folder;
}

JobQueue::Asked JobQueue::examine(const std::string &plugin, const JobRequest &request) const {
    Asked asked;
    asked.job.id = random_id();
    asked.job.plugin = plugin;
    asked.job.idempotency_key = request.key;
    asked.job.trigger = request.trigger;
    asked.job.spool = request.spool;
    const auto reading = read_payload(request.payload);
    asked.job.received_at = reading.received_at;
    asked.job.mails = reading.mails;
    asked.job.subject = reading.subject;
    if (request.key.empty() || request.key.size() > longest_key) {
        asked.objection = "its key must have 1 to 200 bytes";
    } else if (!is_folder_name(request.spool)) {
        asked.objection = "its spool is not the name of a folder: " + request.spool;
    } else if (!reading.is_object) {
        asked.objection = "its payload is not a JSON object";
    } else {
        asked.job.payload = request.payload;
        asked.job.bytes = static_cast<std::int64_t>(request.payload.size());
        if (!request.spool.empty()) asked.job.bytes += bytes_below(spool_ / plugin / request.spool);
        if (asked.job.bytes > limits_.spool_max_bytes) asked.objection = "it is larger than Jobs.SpoolMaxBytes";
    }
    return asked;
}

std::vector<JobReply> JobQueue::start(const std::string &plugin, std::span<const JobRequest> requests) {
    std::vector<Asked> asked;
    asked.reserve(requests.size());
    for (const auto &request : requests)
        asked.push_back(examine(plugin, request));

    std::vector<JobReply> replies;
    std::vector<std::string> orphaned; // spools of duplicates that no job refers to
    std::int64_t taken = 0;
    bool full = false;
    crash_point("host-before-accept-commit");
    database_.write(
        [&](Session &session) {
            replies.clear();
            orphaned.clear();
            taken = 0;
            full = false;
            for (auto &one : asked) {
                replies.push_back(take(session, one, taken, full));
                if (replies.back().outcome == JobOutcome::duplicate && !one.job.spool.empty() &&
                    !jobs::spool_in_use(session, plugin, one.job.spool)) {
                    orphaned.push_back(one.job.spool);
                }
            }
        },
        [&] {
            crash_point("host-after-accept-commit");
            std::vector<LaunchOrder> accepted;
            for (std::size_t index = 0; index < replies.size(); ++index) {
                if (replies[index].outcome != JobOutcome::accepted) continue;
                auto &job = asked[index].job;
                accepted.push_back({job.id, job.project, *std::move(job.payload)});
            }
            kept_bytes_ += taken;
            accepted_ += static_cast<std::int64_t>(accepted.size());
            if (!accepted.empty()) runner_.enqueue(std::move(accepted));
        });
    note_pause(full);
    for (const auto &name : orphaned) {
        std::error_code ignored;
        std::filesystem::remove_all(spool_ / plugin / name, ignored);
    }
    return replies;
}

JobReply JobQueue::take(Session &session, Asked &asked, std::int64_t &taken, bool &full) {
    auto &job = asked.job;
    if (!asked.objection.empty()) return refused(asked.objection);
    if (auto first = jobs::find_by_key(session, job.plugin, *job.idempotency_key)) {
        return {JobOutcome::duplicate, *std::move(first)};
    }
    const auto trigger = tasks::find_trigger(session, job.trigger);
    if (!trigger || trigger->trigger.plugin != job.plugin) return refused("there is no trigger " + job.trigger);
    // Once one has to wait, those after it wait too: they keep their order.
    if (full || kept_bytes_ + taken + job.bytes > limits_.spool_max_bytes) {
        full = true;
        return {JobOutcome::busy, {}, "the spool is full (Jobs.SpoolMaxBytes)", busy_pause};
    }
    taken += job.bytes;
    job.task = trigger->trigger.task;
    job.task_name = trigger->task_name;
    job.tenant = trigger->tenant;
    job.project = trigger->project;
    job.created_at = wall_now();
    jobs::insert(session, job);
    return {JobOutcome::accepted, job.id};
}

JobRow JobQueue::retry(const Actor &by, const std::string &id) {
    JobRow job;
    database_.write(
        [&](Session &session) {
            auto old = jobs::find(session, by.tenant, id);
            if (!old) throw not_found("there is no job " + id);
            if (!old->ended_at) throw Problem(409, "not-ended", "the job has not ended yet");
            // The same look at the clock as `expire`, in the same line of writes: either it is gone for both.
            if (!old->payload || *old->ended_at < wall_now() - retention()) {
                throw Problem(409, "expired", "the job's mail is no longer kept (Jobs.RetentionHours)");
            }
            job = *std::move(old);
            job.retry_of = job.id;
            job.id = random_id();
            job.idempotency_key.reset();
            job.state = job_state::queued;
            job.created_at = wall_now();
            job.started_at.reset();
            job.received_at.reset(); // how long it takes to start counts from now
            job.ended_at.reset();
            job.exit_code.reset();
            job.output.reset();
            job.error.reset();
            job.bytes = static_cast<std::int64_t>(job.payload->size());
            // As the task is now: it is often the reason for trying again.
            if (const auto task = tasks::find(session, by.tenant, job.task)) job.project = task->project;
            jobs::insert(session, job);
            audit::note(session, audit::job_retried, by, {"job", job.id, job.task_name}, {{"retryOf", id}});
        },
        [&] {
            ++accepted_;
            kept_bytes_ += job.bytes;
            runner_.enqueue({{job.id, job.project, *job.payload}});
        });
    return job;
}

std::size_t JobQueue::expire(Micros at) {
    const std::lock_guard lock(expiring_);
    std::vector<ExpiredJob> expired;
    database_.write([&](Session &session) { expired = jobs::expired(session, at - retention(), 1000); });
    if (expired.empty()) return 0;
    std::int64_t freed = 0;
    for (const auto &job : expired) {
        const JobFolder folder(runner_.jobs_folder(), job.id);
        std::error_code ignored;
        std::filesystem::remove_all(folder.folder, ignored);
        std::filesystem::remove(folder.claim, ignored);
        std::filesystem::remove(folder.result, ignored);
        if (!job.spool.empty()) std::filesystem::remove_all(spool_ / job.plugin / job.spool, ignored);
        freed += job.bytes;
    }
    // The rows last: whatever dies in between, the next round finds them again.
    database_.write([&](Session &session) {
        for (const auto &job : expired)
            jobs::drop_payload(session, job.id);
    });
    kept_bytes_ -= freed;
    return expired.size();
}

void JobQueue::erase(const Actor &by, const nlohmann::json &by_plugins) {
    database_.write([&](Session &session) {
        const auto count = jobs::mark_for_erasure(session, by.tenant);
        const auto emptied = assets::empty_those_of_plugins(session, by.tenant);
        const auto unsent = mails::drop(session, by.tenant);
        audit::note(session, audit::content_erased, by, {"tenant", by.tenant, by.tenant},
                    {{"jobs", count}, {"plugins", by_plugins}, {"assets", emptied}, {"mails", unsent}});
    });
    while (expire(wall_now()) > 0) {
    }
}

SpoolUse JobQueue::use() const {
    return {kept_bytes_, limits_.spool_max_bytes, paused_};
}

void JobQueue::note_pause(bool paused) {
    if (paused_.exchange(paused) == paused) return;
    if (paused) {
        log_line(Severity::warning, "jobs",
                 "no job is taken: " + std::to_string(kept_bytes_) + " of Jobs.SpoolMaxBytes " +
                     std::to_string(limits_.spool_max_bytes) + " bytes are kept");
    } else {
        log_line(Severity::info, "jobs", "jobs are taken again");
    }
}

} // namespace host
