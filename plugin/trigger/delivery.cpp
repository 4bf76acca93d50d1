#include "trigger/delivery.hpp"

#include <algorithm>
#include <optional>

#include "base/crash_point.hpp"
#include "trigger/events.hpp"

namespace roe::trigger {

using orch::sdk::JobOutcome;
using orch::sdk::JobReply;
using orch::sdk::JobRequest;
using orch::sdk::Status;

namespace {

constexpr std::size_t most_at_once = 100;
constexpr int most_attempts = 24; // about two hours of asking a host that can't say yes or no

std::chrono::milliseconds wait_before(int attempt) {
    using namespace std::chrono_literals;
    const std::chrono::milliseconds wait = 250ms * (1 << std::clamp(attempt, 0, 11));
    return std::min<std::chrono::milliseconds>(wait, 5min);
}

// What becomes of a start whose payload is not in its asset. An asset that is not there may be made again.
JobReply without_asset(const std::string &name, const orch::sdk::Failure &why) {
    const auto outcome = why.status == Status::busy      ? JobOutcome::busy
                         : why.status == Status::invalid ? JobOutcome::refused
                                                         : JobOutcome::unanswered;
    return {outcome, {}, "the mail was not written into the asset " + name + ": " + why.words, why.retry_after};
}

} // namespace

// Rows taken out of everybody else's hands, and the gates of their triggers held open, for one call. An asset
// is with one call at a time, as its last value must be of the start that is asked for last; and so are the
// starts of a trigger, where they take turns, and those of a task that has a brake, as they are counted.
class Delivery::Claim {
  public:
    Claim(Delivery &owner, std::span<const ledger::OutboxRow> wanted) : owner_(owner) {
        std::map<std::string, std::shared_ptr<Gate>> gates;
        {
            const std::lock_guard lock(owner_.mutex_);
            for (const auto &row : wanted) {
                const auto gate = owner_.gates_.find(row.trigger);
                if (gate == owner_.gates_.end()) continue;
                const auto &trigger = *gate->second->trigger;
                auto asset = asset_of(row, trigger);
                auto task = task_of(row, trigger);
                if (asset && !claim(*asset, owner_.written_, assets_)) continue;
                if (owner_.pacer_.paces() && !claim(row.trigger, owner_.paced_, paced_)) continue;
                if (!task.empty() && !claim(task, owner_.braked_, braked_)) continue;
                if (!owner_.under_way_.insert(row.id).second) continue;
                gates.insert(*gate);
                starts_.push_back({row, std::move(asset), std::move(task)});
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
        for (const auto &start : starts_)
            owner_.under_way_.erase(start.row.id);
        for (const auto &asset : assets_)
            owner_.written_.erase(asset);
        for (const auto &trigger : paced_)
            owner_.paced_.erase(trigger);
        for (const auto &task : braked_)
            owner_.braked_.erase(task);
    }

    Claim(const Claim &) = delete;
    Claim &operator=(const Claim &) = delete;

    [[nodiscard]] std::span<const Start> starts() const { return starts_; }

  private:
    static std::optional<Asset> asset_of(const ledger::OutboxRow &row, const ActiveTrigger &trigger) {
        if (trigger.parameters.resource.empty()) return std::nullopt;
        return Asset{row.tenant, trigger.parameters.resource};
    }

    std::string task_of(const ledger::OutboxRow &row, const ActiveTrigger &trigger) const {
        return row.released || !owner_.brake_.has(trigger.task_id) ? std::string() : trigger.task_id;
    }

    // False when another call has it.
    template <class Thing>
    static bool claim(const Thing &thing, std::set<Thing> &taken, std::set<Thing> &ours) {
        if (ours.contains(thing)) return true;
        if (!taken.insert(thing).second) return false;
        ours.insert(thing);
        return true;
    }

    // A trigger may have been closed between the look at its gate and the lock on it.
    void drop_closed() {
        const std::lock_guard lock(owner_.mutex_);
        std::erase_if(starts_, [&](const Start &start) {
            if (owner_.gates_.contains(start.row.trigger)) return false;
            owner_.under_way_.erase(start.row.id);
            return true;
        });
    }

    Delivery &owner_;
    std::vector<Start> starts_;
    std::set<Asset> assets_;
    std::set<std::string> paced_;
    std::set<std::string> braked_;
    std::vector<std::shared_ptr<Gate>> gates_;
    std::vector<std::shared_lock<std::shared_mutex>> held_; // let go before the gates
};

void Delivery::open(std::shared_ptr<const ActiveTrigger> trigger) {
    const std::lock_guard lock(mutex_);
    auto &gate = gates_[trigger->id];
    if (!gate) gate = std::make_shared<Gate>();
    brake_.open(*trigger);
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
        brake_.close(trigger);
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
    auto delivered = ask_all(rows);
    if (!delivered || delivered->taken < rows.size()) ports_.left_over();
    return delivered;
}

Result<Delivery::Delivered> Delivery::ask_all(std::span<const ledger::OutboxRow> rows) {
    Delivered delivered;
    while (!rows.empty()) {
        const auto batch = rows.first(std::min(rows.size(), most_at_once));
        rows = rows.subspan(batch.size());
        const Claim claim(*this, batch);
        if (claim.starts().empty()) continue;
        if (auto asked = ask_within_brakes(claim.starts(), delivered); !asked) {
            ports_.warn("the host's answers could not be recorded, it will be asked again: " +
                        asked.error().text());
            return asked.error();
        }
    }
    return delivered;
}

Result<Delivery::Delivered> Delivery::sweep(std::size_t limit) {
    const auto due = ports_.ledger.due_outbox(open_triggers(), ports_.clock.wall(), limit);
    if (!due) return due.error();
    return ask_all(*due);
}

Result<void> Delivery::ask_within_brakes(std::span<const Start> starts, Delivered &delivered) {
    std::vector<Start> asked;
    std::map<std::string, std::int64_t> room;       // by task, of those with a brake
    std::map<std::string, const Start *> left_over; // the first that there is no room for
    for (const auto &start : starts) {
        if (start.task.empty()) {
            asked.push_back(start);
            continue;
        }
        const auto [left, is_new] = room.try_emplace(start.task);
        if (is_new) {
            const auto found = brake_.room(start.task);
            if (!found) return found.error();
            left->second = found->starts;
        }
        // One that the host was asked for before may have been taken: it is past the brake.
        if (left->second > 0 || start.row.attempts > 0) {
            --left->second;
            asked.push_back(start);
        } else {
            left_over.try_emplace(start.task, &start);
            ++delivered.asked;
        }
    }
    if (!asked.empty())
        if (auto done = ask_in_turn(asked, delivered); !done) return done;
    for (const auto &[task, first] : left_over)
        if (auto held = hold_rest_of(task, *first); !held) return held;
    return {};
}

Result<void> Delivery::hold_rest_of(const std::string &task, const Start &first) {
    const auto room = brake_.room(task);
    if (!room) return room.error();
    // The host did not take those before them, or it is not yet their turn: they wait behind them.
    if (room->starts > 0) return {};
    const auto put_on = ports_.ledger.hold(brake_.hold(task, room->reason));
    if (!put_on) return put_on.error();
    if (!*put_on) return {};
    const std::lock_guard lock(mutex_);
    const auto gate = gates_.find(first.row.trigger);
    if (gate == gates_.end()) return {};
    const auto &trigger = *gate->second->trigger;
    ports_.warn("the starts of the task " + trigger.task_name + " are held: " + room->reason);
    const std::vector<orch::sdk::JournalEvent> events{held_event(trigger, room->reason)};
    if (const auto written = ports_.journal.write(events); !written)
        ports_.warn("the journal did not take the event: " + written.failure().words);
    return {};
}

Result<void> Delivery::ask_in_turn(std::span<const Start> starts, Delivered &delivered) {
    if (!pacer_.paces()) return ask(starts, delivered);
    std::vector<Start> asked;
    std::set<std::string> triggers; // of those asked for
    std::vector<const ledger::OutboxRow *> waiting;
    for (const auto &start : starts) {
        if (!triggers.contains(start.row.trigger) && pacer_.is_turn_of(start.row)) {
            triggers.insert(start.row.trigger);
            asked.push_back(start);
        } else {
            waiting.push_back(&start.row);
        }
    }
    if (!asked.empty())
        if (auto done = ask(asked, delivered); !done) return done;
    std::vector<ledger::Answer> answers;
    for (const auto *row : waiting) {
        ledger::Answer answer;
        answer.outbox = row->id;
        answer.asked = false;
        answer.not_before = pacer_.turn_of(*row);
        answers.push_back(std::move(answer));
    }
    delivered.asked += waiting.size();
    return waiting.empty() ? Result<void>() : ports_.ledger.record_answers(answers);
}

Result<void> Delivery::ask(std::span<const Start> starts, Delivered &delivered) {
    const auto replies = replies_to(starts);
    if (pacer_.paces())
        for (const auto &start : starts)
            pacer_.note_start(start.row.trigger);
    std::vector<ledger::Answer> answers;
    answers.reserve(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        answers.push_back(answer_for(starts[i], replies[i]));
        delivered.folders.insert(starts[i].row.folder);
        if (answers.back().accepted) ++delivered.taken;
    }
    delivered.asked += starts.size();
    write_journal(starts, replies);
    if (auto recorded = ports_.ledger.record_answers(answers); !recorded) return recorded;
    if (ports_.parked && std::ranges::any_of(answers, &ledger::Answer::park)) ports_.parked();
    count(starts, answers);
    crash_point("pass-after-answers");
    return {};
}

std::vector<JobReply> Delivery::replies_to(std::span<const Start> starts) {
    std::vector<JobReply> replies(starts.size());
    std::vector<JobRequest> requests;
    std::vector<std::size_t> asked; // which starts the requests are for
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto &row = starts[i].row;
        if (const auto written = write_asset(starts[i]); !written) {
            replies[i] = without_asset(starts[i].asset->name, written.failure());
            continue;
        }
        requests.push_back({row.key, row.trigger, row.payload, row.spool});
        asked.push_back(i);
    }
    crash_point("pass-before-host");
    if (requests.empty()) return replies;
    const auto answered = ports_.jobs.start(requests);
    crash_point("pass-after-host");
    for (std::size_t i = 0; i < asked.size(); ++i)
        replies[asked[i]] = answered.at(i);
    return replies;
}

orch::sdk::Outcome<void> Delivery::write_asset(const Start &start) const {
    if (!start.asset) return {};
    if (ports_.assets == nullptr) return orch::sdk::failed("the host has no assets");
    return ports_.assets->put(start.asset->tenant, start.asset->name, start.row.payload);
}

ledger::Answer Delivery::answer_for(const Start &start, const JobReply &reply) const {
    const auto &row = start.row;
    ledger::Answer answer;
    answer.outbox = row.id;
    answer.task = start.task;
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

void Delivery::count(std::span<const Start> starts, std::span<const ledger::Answer> answers) {
    for (std::size_t i = 0; i < starts.size(); ++i) {
        if (!answers[i].accepted) continue;
        ++ports_.figures.starts_accepted;
        const auto waited = answers[i].at - starts[i].row.created_at;
        const auto delay = std::chrono::duration_cast<std::chrono::milliseconds>(waited).count();
        ports_.figures.start_delay_ms += std::max<std::int64_t>(delay, 0); // the clock may have been set back
    }
}

void Delivery::write_journal(std::span<const Start> starts, std::span<const JobReply> replies) {
    std::vector<orch::sdk::JournalEvent> events;
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < starts.size(); ++i) {
            if (!replies[i].taken()) continue;
            const auto gate = gates_.find(starts[i].row.trigger);
            events.push_back(fired_event(starts[i].row, replies[i].job,
                                         gate == gates_.end() ? nullptr : gate->second->trigger.get()));
        }
    }
    if (events.empty()) return;
    if (const auto written = ports_.journal.write(events); !written)
        ports_.warn("the journal did not take " + std::to_string(events.size()) +
                    " events: " + written.failure().words);
}

} // namespace roe::trigger
