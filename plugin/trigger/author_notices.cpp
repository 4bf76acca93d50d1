#include "trigger/author_notices.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "trigger/notice_text.hpp"

namespace roe::trigger {

using namespace std::chrono_literals;
using orch::sdk::EndedJob;
using orch::sdk::Notification;
using orch::sdk::Outcome;
using orch::sdk::Status;

namespace {

constexpr std::size_t most_starts = 100;
constexpr std::chrono::milliseconds pause_after_fault = 30s;

MailOutcome outcome_of(const EndedJob &job) {
    if (job.state == "succeeded") return MailOutcome::succeeded;
    return job.state == "failed" ? MailOutcome::failed : MailOutcome::interrupted;
}

} // namespace

Outcome<void> AuthorNotices::job_ended(const std::string &tenant, const EndedJob &job) {
    if (!can_mail()) return {};
    const auto authors = ports_.ledger.authors(job.key);
    if (!authors) return orch::sdk::failed(authors.error().text());
    const Notice notice{outcome_of(job), job.task.name, job.exit_code, job.ended_at};
    for (const auto &author : *authors) {
        crash_point("notice-before-send");
        // By the job, as a person may have it run again: that outcome is another one.
        const auto key = job.id + "/outcome/" + std::to_string(author.number);
        if (auto sent = send(tenant, key, message_to(author, notice)); !sent) return sent;
        crash_point("notice-after-send");
    }
    return {};
}

std::optional<std::chrono::milliseconds> AuthorNotices::tell_of_parked() {
    if (!can_mail()) return std::nullopt;
    while (true) {
        const auto starts = ports_.ledger.untold_starts(most_starts);
        if (!starts) {
            ports_.warn(starts.error().text());
            return pause_after_fault;
        }
        for (const auto &start : *starts) {
            const Notice notice{MailOutcome::not_started, ports_.task_name(start.tenant, start.trigger)};
            for (const auto &author : start.authors) {
                const auto key = start.key + "/not-started/" + std::to_string(author.number);
                if (const auto sent = send(start.tenant, key, message_to(author, notice)); !sent)
                    return std::max(sent.failure().retry_after, pause_after_fault);
            }
            if (const auto noted = ports_.ledger.note_told(start.key); !noted) {
                ports_.warn(noted.error().text());
                return pause_after_fault;
            }
        }
        if (starts->size() < most_starts) return std::nullopt;
    }
}

// A message that the host will never take is dropped, as its author's address may be what is wrong with it.
Outcome<void> AuthorNotices::send(const std::string &tenant, const std::string &key,
                                  const Notification &message) const {
    auto sent = ports_.notifications->send(tenant, key, message);
    if (sent || sent.failure().status == Status::busy || sent.failure().status == Status::failed) return sent;
    ports_.warn("the host did not take the notification " + key + ": " + sent.failure().words);
    return {};
}

} // namespace roe::trigger
