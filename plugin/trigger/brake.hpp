// The brakes of tasks: how many starts a task may make within a while (BrakeStarts, BrakeMinutes of its
// triggers) before those that follow are held, until a person lets them go.
//
// A brake is the task's: the starts of all of its triggers count, the narrowest of what its triggers say holds,
// and it holds the starts of all of them. What was counted, and what is held, is in the ledger. [any thread]
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "trigger/active_trigger.hpp"

namespace roe::trigger {

class Brake {
  public:
    // Both outlive it.
    Brake(ledger::Ledger &ledger, const Clock &clock) : ledger_(ledger), clock_(clock) {}

    // From now on the trigger's task has its brake; again for an edited one.
    void open(const ActiveTrigger &trigger);
    void close(const std::string &trigger);

    [[nodiscard]] bool has(const std::string &task) const;

    // How many starts the task may still make.
    struct Room {
        std::int64_t starts = 0;
        std::string reason; // why there is none
    };
    [[nodiscard]] Result<Room> room(const std::string &task) const;

    // What the ledger is to hold when there is none.
    [[nodiscard]] ledger::Hold hold(const std::string &task, const std::string &reason) const;

  private:
    struct Limit {
        int starts = 0; // 0: its trigger says nothing
        std::chrono::minutes within{};
        auto operator<=>(const Limit &) const = default;
    };
    [[nodiscard]] std::vector<Limit> limits_of(const std::string &task) const;

    ledger::Ledger &ledger_;
    const Clock &clock_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> task_of_; // by trigger
    std::map<std::string, std::map<std::string, Limit>> tasks_;
};

} // namespace roe::trigger
