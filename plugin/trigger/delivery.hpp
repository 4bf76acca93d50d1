// From the outbox to the host: asks for each start until the host has answered.
//
// Only starts of open triggers are asked for; the others wait in the outbox.
//
// Where the trigger names an asset (Resource), the payload is written into it first, each time that the start
// is asked for: so the asset holds the mail of the start that the host was asked for last, or of one that is
// about to be asked for. A start whose payload can't be written is not asked for: it is tried again like one
// that the host did not answer, and parked at once when the host says that it will never take it.
//
// Where triggers have to pause between two starts, the others wait in the outbox for their turns. Where a task
// has a brake, what it has no room for is held in the outbox; a start that the host was asked for is past it.
// [any thread]
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "ledger/ledger.hpp"
#include "orch/sdk/assets.hpp"
#include "orch/sdk/jobs.hpp"
#include "orch/sdk/journal.hpp"
#include "trigger/active_trigger.hpp"
#include "trigger/brake.hpp"
#include "trigger/figures.hpp"
#include "trigger/pacer.hpp"

namespace roe::trigger {

class Delivery {
  public:
    // All outlive the delivery.
    struct Ports {
        ledger::Ledger &ledger;
        orch::sdk::JobsService &jobs;
        orch::sdk::JournalService &journal;
        orch::sdk::AssetsService *assets; // null: the host has none
        const Clock &clock;
        Figures &figures;
        std::function<void(const std::string &)> warn; // a line for the log
        std::function<void()> left_over;               // some starts stay in the outbox: sweep it in time
        std::chrono::milliseconds least_gap{};         // between two starts of a trigger; 0: none
        std::function<void()> parked{};                // some starts were; may be empty
    };

    explicit Delivery(Ports ports)
        : ports_(std::move(ports)), pacer_(ports_.ledger, ports_.clock, ports_.least_gap),
          brake_(ports_.ledger, ports_.clock) {}

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

    // The same with what is due in the outbox, `limit` at the most. Who sweeps knows when to sweep again:
    // nothing is told of what is left over.
    Result<Delivered> sweep(std::size_t limit);

  private:
    struct Gate {
        std::shared_ptr<const ActiveTrigger> trigger;
        std::shared_mutex calling; // shared by calls, owned by `close`
    };
    struct Asset {
        std::string tenant;
        std::string name;
        // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a null where there is none
        auto operator<=>(const Asset &) const = default;
    };
    struct Start {
        ledger::OutboxRow row;
        std::optional<Asset> asset;
        std::string task; // whose brake counts it; empty: none does
    };
    class Claim;

    Result<Delivered> ask_all(std::span<const ledger::OutboxRow> rows);
    Result<void> ask(std::span<const Start> starts, Delivered &delivered);
    // As many of each task as its brake has room for; what is left is held.
    Result<void> ask_within_brakes(std::span<const Start> starts, Delivered &delivered);
    Result<void> hold_rest_of(const std::string &task, const Start &first);
    // Of each trigger one, if it is its turn; the others are told of theirs.
    Result<void> ask_in_turn(std::span<const Start> starts, Delivered &delivered);
    std::vector<orch::sdk::JobReply> replies_to(std::span<const Start> starts);
    [[nodiscard]] orch::sdk::Outcome<void> write_asset(const Start &start) const;
    ledger::Answer answer_for(const Start &start, const orch::sdk::JobReply &reply) const;
    void count(std::span<const Start> starts, std::span<const ledger::Answer> answers);
    void write_journal(std::span<const Start> starts, std::span<const orch::sdk::JobReply> replies);

    Ports ports_;
    Pacer pacer_;
    Brake brake_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Gate>> gates_;
    std::set<ledger::RowId> under_way_;
    std::set<Asset> written_;      // by a call that is under way
    std::set<std::string> paced_;  // triggers whose starts are with a call, where they take turns
    std::set<std::string> braked_; // tasks with a brake whose starts are with a call
};

} // namespace roe::trigger
