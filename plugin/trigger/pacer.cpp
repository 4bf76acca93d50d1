#include "trigger/pacer.hpp"

#include <algorithm>

namespace roe::trigger {

namespace {

// It has waited for its turn before.
bool has_waited(const ledger::OutboxRow &row) {
    return row.not_before != WallTime{};
}

} // namespace

bool Pacer::is_turn_of(const ledger::OutboxRow &row) {
    const std::lock_guard lock(mutex_);
    const auto &pace = pace_of(row.trigger);
    const auto now = clock_.wall();
    if (!has_waited(row) && pace.queue_end > now) return false;
    // A clock that was set back must not hold up a trigger until it has caught up.
    return !pace.last || now >= *pace.last + least_gap_ || now < *pace.last;
}

void Pacer::note_start(const std::string &trigger) {
    const std::lock_guard lock(mutex_);
    pace_of(trigger).last = clock_.wall();
}

WallTime Pacer::turn_of(const ledger::OutboxRow &row) {
    const std::lock_guard lock(mutex_);
    auto &pace = pace_of(row.trigger);
    const auto earliest = pace.last.value_or(clock_.wall()) + least_gap_;
    if (has_waited(row)) return earliest;
    pace.queue_end = std::max(earliest, pace.queue_end + least_gap_);
    return pace.queue_end;
}

Pacer::Pace &Pacer::pace_of(const std::string &trigger) {
    const auto [at, is_new] = paces_.try_emplace(trigger);
    if (is_new)
        if (const auto times = ledger_.trigger_times(trigger); times) at->second.last = times->last_fired;
    return at->second;
}

} // namespace roe::trigger
