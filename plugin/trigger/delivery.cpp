#include "trigger/delivery.hpp"

#include <algorithm>
#include <optional>

#include "base/crash_point.hpp"
#include "trigger/events.hpp"

namespace roe::trigger {

using orch::sdk::JobOutcome;
using orch::sdk::JobReply;
using orch::sdk::JobRequest;

namespace {

constexpr std::size_t most_at_once = 100;
constexpr int most_attempts = 24; // about two hours of asking a host that can't say yes or no

std::chrono::milliseconds wait_before(int attempt) {
    using namespace std::chrono_literals;
    const std::chrono::milliseconds wait = 250ms * (1 << std::clamp(attempt, 0, 11));
    return std::min<std::chrono::milliseconds>(wait, 5min);
}

} // namespace

// Rows taken out of everybody else's hands, and the gates of their triggers held open, for one call.
class Delivery::Claim {
  public:
    Claim(Delivery &owner, std::span<const ledger::OutboxRow> wanted) : owner_(owner) {
        std::map<std::string, std::shared_ptr<Gate>> gates;
        {
            const std::lock_guard lock(owner_.mutex_);
            for (const auto &row : wanted) {
                const auto gate = owner_.gates_.find(row.trigger);
                if (gate == owner_.gates_.end() || !owner_.under_way_.insert(row.id).second) continue;
                gates.insert(*gate);
                rows_.push_back(row);
            }
        }
        // In the order of their ids, as every claim does it.
        for (auto &[id, gate] : gates) {
            held_.emplace_back(gate->calling);
            gates_.push_back(gate);
        }
        drop_closed();
    }

    ~Claim() {
        const std::lock_guard lock(owner_.mutex_);
        for (const auto &row : rows_)
            owner_.under_way_.erase(row.id);
    }

    Claim(const Claim &) = delete;
    Claim &operator=(const Claim &) = delete;

    [[nodiscard]] std::span<const ledger::OutboxRow> rows() const { return rows_; }

  private:
    // A trigger may have been closed between the look at its gate and the lock on it.
    void drop_closed() {
        const std::lock_guard lock(owner_.mutex_);
        std::erase_if(rows_, [&](const ledger::OutboxRow &row) {
            if (owner_.gates_.contains(row.trigger)) return false;
            owner_.under_way_.erase(row.id);
            return true;
        });
    }

    Delivery &owner_;
    std::vector<ledger::OutboxRow> rows_;
    std::vector<std::shared_ptr<Gate>> gates_;
    std::vector<std::shared_lock<std::shared_mutex>> held_; // let go before the gates
};

void Delivery::open(std::shared_ptr<const ActiveTrigger> trigger) {
    const std::lock_guard lock(mutex_);
    auto &gate = gates_[trigger->id];
    if (!gate) gate = std::make_shared<Gate>();
    gate->trigger = std::move(trigger);
}

void Delivery::close(const std::string &trigger) {
    std::shared_ptr<Gate> gate;
    {
        const std::lock_guard lock(mutex_);
        const auto at = gates_.find(trigger);
        if (at == gates_.end()) return;
        gate = at->second;
        gates_.erase(at);
    }
    const std::lock_guard wait_for_calls(gate->calling);
}

std::vector<std::string> Delivery::open_triggers() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    ids.reserve(gates_.size());
    for (const auto &[id, gate] : gates_)
        ids.push_back(id);
    return ids;
}

Result<Delivery::Delivered> Delivery::deliver(std::span<const ledger::OutboxRow> rows) {
    Delivered delivered;
    const auto wanted = rows.size();
    while (!rows.empty()) {
        const auto batch = rows.first(std::min(rows.size(), most_at_once));
        rows = rows.subspan(batch.size());
        const Claim claim(*this, batch);
        if (claim.rows().empty()) continue;
        if (auto asked = ask(claim.rows(), delivered); !asked) {
            ports_.warn("the host's answers could not be recorded, it will be asked again: " +
                        asked.error().text());
            ports_.left_over();
            return asked.error();
        }
    }
    if (delivered.taken < wanted) ports_.left_over();
    return delivered;
}

Result<Delivery::Delivered> Delivery::sweep(std::size_t limit) {
    const auto due = ports_.ledger.due_outbox(open_triggers(), ports_.clock.wall(), limit);
    if (!due) return due.error();
    return deliver(*due);
}

Result<void> Delivery::ask(std::span<const ledger::OutboxRow> rows, Delivered &delivered) {
    std::vector<JobRequest> requests;
    requests.reserve(rows.size());
    for (const auto &row : rows)
        requests.push_back({row.key, row.trigger, row.payload, row.spool});

    crash_point("pass-before-host");
    const auto replies = ports_.jobs.start(requests);
    crash_point("pass-after-host");

    std::vector<ledger::Answer> answers;
    answers.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        answers.push_back(answer_for(rows[i], replies.at(i)));
        delivered.folders.insert(rows[i].folder);
        if (answers.back().accepted) ++delivered.taken;
    }
    delivered.asked += rows.size();
    write_journal(rows, replies);
    if (auto recorded = ports_.ledger.record_answers(answers); !recorded) return recorded;
    count(rows, answers);
    crash_point("pass-after-answers");
    return {};
}

ledger::Answer Delivery::answer_for(const ledger::OutboxRow &row, const JobReply &reply) const {
    ledger::Answer answer;
    answer.outbox = row.id;
    answer.at = ports_.clock.wall();
    answer.accepted = reply.taken();
    answer.job = reply.job;
    answer.words = reply.words;
    const bool hopeless = reply.outcome == JobOutcome::refused ||
                          (reply.outcome == JobOutcome::unanswered && row.attempts + 1 >= most_attempts);
    answer.park = !answer.accepted && hopeless;
    if (answer.accepted) return answer;
    const auto wait = reply.retry_after.count() > 0 ? reply.retry_after : wait_before(row.attempts);
    answer.not_before = answer.at + wait;
    // A busy host is no fault; the mailbox's page and the message log show what waits.
    if (reply.outcome != JobOutcome::busy)
        ports_.warn("the host did not take the start " + row.key + ": " + reply.words +
                    (answer.park ? " (parked)" : ""));
    return answer;
}

void Delivery::count(std::span<const ledger::OutboxRow> rows, std::span<const ledger::Answer> answers) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!answers[i].accepted) continue;
        ++ports_.figures.starts_accepted;
        const auto delay =
            std::chrono::duration_cast<std::chrono::milliseconds>(answers[i].at - rows[i].created_at).count();
        ports_.figures.start_delay_ms += std::max<std::int64_t>(delay, 0); // the clock may have been set back
    }
}

void Delivery::write_journal(std::span<const ledger::OutboxRow> rows, std::span<const JobReply> replies) {
    std::vector<orch::sdk::JournalEvent> events;
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!replies[i].taken()) continue;
            const auto gate = gates_.find(rows[i].trigger);
            events.push_back(fired_event(rows[i], replies[i].job,
                                         gate == gates_.end() ? nullptr : gate->second->trigger.get()));
        }
    }
    if (events.empty()) return;
    if (const auto written = ports_.journal.write(events); !written)
        ports_.warn("the journal did not take " + std::to_string(events.size()) +
                    " events: " + written.failure().words);
}

} // namespace roe::trigger
