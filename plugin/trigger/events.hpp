// What the plugin writes into the host's journal.
#pragma once

#include <string>

#include "ledger/ledger.hpp"
#include "orch/sdk/journal.hpp"
#include "trigger/active_trigger.hpp"

namespace roe::trigger {

// The host has taken a job. `trigger` is null when it was stopped meanwhile.
orch::sdk::JournalEvent fired_event(const ledger::OutboxRow &start, const std::string &job,
                                    const ActiveTrigger *trigger);

// A restored trigger has looked for the first time. The mails came between `from` and `until`.
struct PassedOver {
    std::string mailbox;
    std::string folder;
    std::int64_t mails = 0;
    WallTime from{};
    WallTime until{};
};
orch::sdk::JournalEvent passed_over_event(const ActiveTrigger &trigger, const PassedOver &passed);

// A mail was tried too often: it waits for a person now.
struct Quarantined {
    std::string mailbox;
    std::string folder;
    ledger::PendingMail mail;
};
orch::sdk::JournalEvent quarantined_event(const ActiveTrigger &trigger, const Quarantined &quarantined);

// A task's brake was put on: starts of its triggers wait for a person now. `trigger` is one of them.
orch::sdk::JournalEvent held_event(const ActiveTrigger &trigger, const std::string &reason);

} // namespace roe::trigger
