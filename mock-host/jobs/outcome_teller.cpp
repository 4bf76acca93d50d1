#include "jobs/outcome_teller.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "crash_point.hpp"

namespace host {
namespace {

constexpr std::int64_t most_at_once = 100;
constexpr Micros shortest_pause = micros_per_second / 4;
constexpr Micros longest_pause = 300 * micros_per_second;

orch::sdk::EndedJob ended(const JobRow &job) {
    orch::sdk::EndedJob told{job.id,
                             job.idempotency_key.value_or(""),
                             job.retry_of,
                             job.trigger,
                             {job.task, job.task_name},
                             job.state,
                             job.exit_code,
                             {},
                             rfc3339(job.ended_at.value_or(0))};
    if (job.started_at) told.started_at = rfc3339(*job.started_at);
    return told;
}

// Ever longer without anything to count by: half as long again as it has been since the job ended.
Micros next_try(const JobRow &job, std::chrono::milliseconds advice) {
    const auto at = wall_now();
    const auto pause = std::clamp((at - job.ended_at.value_or(at)) / 2, shortest_pause, longest_pause);
    return at + std::max<Micros>(pause, std::chrono::microseconds(advice).count());
}

} // namespace

OutcomeTeller::~OutcomeTeller() {
    stop();
}

void OutcomeTeller::start() {
    std::vector<std::string> deaf;
    for (const auto &plugin : plugins_.started())
        (plugins_.job_outcomes(plugin) == nullptr ? deaf : listeners_).push_back(plugin);
    database_.write([&](Session &session) {
        for (const auto &plugin : deaf)
            jobs::tell_nobody(session, plugin);
    });
    if (!listeners_.empty()) thread_ = std::thread([this] { loop(); });
}

void OutcomeTeller::stop() {
    if (!thread_.joinable()) return;
    bell_.end();
    thread_.join();
}

void OutcomeTeller::loop() {
    while (!bell_.ended()) {
        try {
            if (!tell_due())
                bell_.wait_until(
                    database_.read([&](Session &session) { return jobs::next_to_tell(session, listeners_); }));
        } catch (const std::exception &fault) {
            log_line(Severity::error, "jobs", std::string("the ends of jobs are not told: ") + fault.what());
            bell_.wait_for(std::chrono::seconds(10));
        }
    }
}

// False: none was due.
bool OutcomeTeller::tell_due() {
    const auto due = database_.read(
        [&](Session &session) { return jobs::to_tell(session, listeners_, wall_now(), most_at_once); });
    std::vector<std::pair<std::string, std::optional<Micros>>> told;
    for (const auto &job : due) {
        crash_point("host-before-outcome");
        told.emplace_back(job.id, tell(job));
        crash_point("host-after-outcome");
    }
    if (told.empty()) return false;
    // What is lost here is told once more.
    database_.write(
        [&](Session &session) {
            for (const auto &[job, again_at] : told)
                jobs::note_told(session, job, again_at);
        },
        {}, Database::Durability::lazy);
    return true;
}

// When it is to be told again; empty: it was taken.
std::optional<Micros> OutcomeTeller::tell(const JobRow &job) {
    const auto taken = plugins_.job_outcomes(job.plugin)->job_ended(job.tenant, ended(job));
    if (taken) return std::nullopt;
    if (taken.failure().status != orch::sdk::Status::busy)
        log_line(Severity::warning, job.plugin,
                 "the end of job " + job.id + " was not taken, and is told again: " + taken.failure().words);
    return next_try(job, taken.failure().retry_after);
}

} // namespace host
