#include "trigger/events.hpp"

#include <utility>

#include "base/timestamp.hpp"

namespace roe::trigger {

namespace {

constexpr std::int32_t event_fired = 60002;
constexpr std::int32_t event_passed_over = 60003;
constexpr std::int32_t event_quarantined = 60004;
constexpr std::int32_t event_held = 60005;

orch::sdk::JournalEvent event_of(const ActiveTrigger &trigger, std::int32_t code, const char *name,
                                 nlohmann::json details) {
    orch::sdk::JournalEvent event;
    event.code = code;
    event.name = name;
    event.tenant = trigger.tenant;
    event.subject = {"trigger", trigger.id, trigger.task_name};
    event.details = std::move(details);
    return event;
}

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
    return event_of(trigger, event_passed_over, "TriggerEmailPassedOver",
                    {{"mailbox", passed.mailbox},
                     {"folder", passed.folder},
                     {"mails", passed.mails},
                     {"from", timestamp(passed.from)},
                     {"until", timestamp(passed.until)}});
}

orch::sdk::JournalEvent quarantined_event(const ActiveTrigger &trigger, const Quarantined &quarantined) {
    return event_of(trigger, event_quarantined, "TriggerEmailQuarantined",
                    {{"mailbox", quarantined.mailbox},
                     {"folder", quarantined.folder},
                     {"uid", quarantined.mail.ref.uid},
                     {"attempts", quarantined.mail.attempts},
                     {"reason", quarantined.mail.last_error}});
}

orch::sdk::JournalEvent held_event(const ActiveTrigger &trigger, const std::string &reason) {
    return event_of(trigger, event_held, "TriggerEmailHeld", {{"task", trigger.task_id}, {"reason", reason}});
}

} // namespace roe::trigger
