// From the outbox to the host: asks for each start until the host has answered.
//
// Only starts of open triggers are asked for; the others wait in the outbox. [any thread]
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "orch/sdk/jobs.hpp"
#include "orch/sdk/journal.hpp"
#include "trigger/active_trigger.hpp"
#include "trigger/figures.hpp"

namespace roe::trigger {

class Delivery {
  public:
    // All outlive the delivery.
    struct Ports {
        ledger::Ledger &ledger;
        orch::sdk::JobsService &jobs;
        orch::sdk::JournalService &journal;
        const Clock &clock;
        Figures &figures;
        std::function<void(const std::string &)> warn; // a line for the log
        std::function<void()> left_over;               // some starts stay in the outbox: sweep it in time
    };

    explicit Delivery(Ports ports) : ports_(std::move(ports)) {}

    // From now on the trigger's starts may be asked for; again for an edited one.
    void open(std::shared_ptr<const ActiveTrigger> trigger);
    // Returns when none of its starts is being asked for, and none will be.
    void close(const std::string &trigger);
    [[nodiscard]] std::vector<std::string> open_triggers() const;

    struct Delivered {
        std::size_t asked = 0; // without those that another thread asks for, and those of closed triggers
        std::size_t taken = 0; // by the host
        std::set<ledger::RowId> folders; // where the mails of those asked for are
    };

    // Asks for these starts and records the answers.
    Result<Delivered> deliver(std::span<const ledger::OutboxRow> rows);

    // The same with what is due in the outbox, `limit` at the most.
    Result<Delivered> sweep(std::size_t limit);

  private:
    struct Gate {
        std::shared_ptr<const ActiveTrigger> trigger;
        std::shared_mutex calling; // shared by calls, owned by `close`
    };
    class Claim;

    Result<void> ask(std::span<const ledger::OutboxRow> rows, Delivered &delivered);
    ledger::Answer answer_for(const ledger::OutboxRow &row, const orch::sdk::JobReply &reply) const;
    void count(std::span<const ledger::OutboxRow> rows, std::span<const ledger::Answer> answers);
    void write_journal(std::span<const ledger::OutboxRow> rows, std::span<const orch::sdk::JobReply> replies);

    Ports ports_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Gate>> gates_;
    std::set<ledger::RowId> under_way_;
};

} // namespace roe::trigger
