#include "trigger/events.hpp"

#include "base/timestamp.hpp"

namespace roe::trigger {

namespace {

constexpr std::int32_t event_fired = 60002;
constexpr std::int32_t event_passed_over = 60003;
constexpr std::int32_t event_quarantined = 60004;

} // namespace

orch::sdk::JournalEvent fired_event(const ledger::OutboxRow &start, const std::string &job,
                                    const ActiveTrigger *trigger) {
    orch::sdk::JournalEvent event;
    event.code = event_fired;
    event.name = "TriggerEmailFired";
    event.tenant = start.tenant;
    event.subject = {"trigger", start.trigger, trigger == nullptr ? std::string() : trigger->task_name};
    event.details = {{"job", job}, {"uid", start.ref.uid}};
    return event;
}

orch::sdk::JournalEvent passed_over_event(const ActiveTrigger &trigger, const PassedOver &passed) {
    orch::sdk::JournalEvent event;
    event.code = event_passed_over;
    event.name = "TriggerEmailPassedOver";
    event.tenant = trigger.tenant;
    event.subject = {"trigger", trigger.id, trigger.task_name};
    event.details = {{"mailbox", passed.mailbox},
                     {"folder", passed.folder},
                     {"mails", passed.mails},
                     {"from", timestamp(passed.from)},
                     {"until", timestamp(passed.until)}};
    return event;
}

orch::sdk::JournalEvent quarantined_event(const ActiveTrigger &trigger, const Quarantined &quarantined) {
    orch::sdk::JournalEvent event;
    event.code = event_quarantined;
    event.name = "TriggerEmailQuarantined";
    event.tenant = trigger.tenant;
    event.subject = {"trigger", trigger.id, trigger.task_name};
    event.details = {{"mailbox", quarantined.mailbox},
                     {"folder", quarantined.folder},
                     {"uid", quarantined.mail.ref.uid},
                     {"attempts", quarantined.mail.attempts},
                     {"reason", quarantined.mail.last_error}};
    return event;
}

} // namespace roe::trigger
