// How often a trigger may start a job: at most once in a while (Assignment.ChainLimiterTriggerEventTime). What
// comes faster waits for its turn in the outbox, in the order in which it came.
//
// [any thread], but one call at a time for each trigger.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"

namespace roe::trigger {

class Pacer {
  public:
    // `least_gap` of 0: every start may be asked for at once. Ledger and clock outlive it.
    Pacer(ledger::Ledger &ledger, const Clock &clock, std::chrono::milliseconds least_gap)
        : ledger_(ledger), clock_(clock), least_gap_(least_gap) {}

    [[nodiscard]] bool paces() const { return least_gap_.count() > 0; }

    // Whether it is this start's turn. Reads the ledger when the trigger is asked about for the first time.
    [[nodiscard]] bool is_turn_of(const ledger::OutboxRow &row);

    // The host has answered for a start of the trigger: the next turn is a gap from now.
    void note_start(const std::string &trigger);

    // When it will be this start's turn, behind those that were told of theirs.
    [[nodiscard]] WallTime turn_of(const ledger::OutboxRow &row);

  private:
    struct Pace {
        std::optional<WallTime> last; // when the host had taken the last start
        WallTime queue_end{};         // the last turn that was given away
    };
    Pace &pace_of(const std::string &trigger); // with the mutex held

    ledger::Ledger &ledger_;
    const Clock &clock_;
    const std::chrono::milliseconds least_gap_;
    std::mutex mutex_;
    std::map<std::string, Pace> paces_;
};

} // namespace roe::trigger
