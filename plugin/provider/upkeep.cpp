#include "provider/upkeep.hpp"

#include <algorithm>

#include "provider/shown.hpp"

namespace roe::provider {

using orch::sdk::Metric;
using orch::sdk::Outcome;

namespace {

using Type = Metric::Type;

double number(std::int64_t count) {
    return static_cast<double>(count);
}

double age_in_seconds(std::optional<WallTime> time, WallTime now) {
    return time ? std::max(0.0, std::chrono::duration<double>(now - *time).count()) : 0.0;
}

Metric by_state_of_mailbox(const std::map<watch::State, std::size_t> &counts) {
    Metric metric{"run_on_email_mailboxes", Type::gauge, "Mailboxes that started triggers use, by state."};
    for (const auto state : {watch::State::connecting, watch::State::watching, watch::State::polling,
                             watch::State::throttled, watch::State::error, watch::State::login_refused,
                             watch::State::consent_needed, watch::State::paused}) {
        const auto found = counts.find(state);
        metric.values.push_back({{{"state", std::string(watch::name_of(state))}},
                                 found == counts.end() ? 0.0 : static_cast<double>(found->second)});
    }
    return metric;
}

} // namespace

Outcome<std::vector<Metric>> Upkeep::read() {
    const auto backlog = running_->ledger().backlog();
    if (!backlog) return to_failure(backlog.error());
    const auto &figures = running_->figures();
    return std::vector<Metric>{
        by_state_of_mailbox(running_->mailroom().states()),
        {"run_on_email_oldest_look_seconds",
         Type::gauge,
         "Since the last successful look into the watched folder that has waited longest; 0 when none is "
         "watched.",
         {{{}, age_in_seconds(running_->mailroom().oldest_look(), running_->clock().wall())}}},
        {"run_on_email_looks_total",
         Type::counter,
         "Looks into folders.",
         {{{{"result", "succeeded"}}, number(figures.looks_succeeded)},
          {{{"result", "failed"}}, number(figures.looks_failed)}}},
        {"run_on_email_mails_decided_total",
         Type::counter,
         "Mails that a trigger has decided on, once for each trigger.",
         {{{{"decision", "triggered"}}, number(figures.mails_triggered)},
          {{{"decision", "duplicate"}}, number(figures.mails_duplicate)},
          {{{"decision", "skipped"}}, number(figures.mails_skipped)}}},
        {"run_on_email_mails_pending",
         Type::gauge,
         "Mails that a trigger is still to decide on.",
         {{{}, number(backlog->pending)}}},
        {"run_on_email_mails_quarantined",
         Type::gauge,
         "Of them: mails that were tried too often and wait for a person.",
         {{{}, number(backlog->quarantined)}}},
        {"run_on_email_starts",
         Type::gauge,
         "Starts that the host has not taken yet: queued ones it is asked for, parked ones wait for a person, "
         "held ones are held by their task's brake.",
         {{{{"state", "queued"}}, number(backlog->queued)},
          {{{"state", "parked"}}, number(backlog->parked)},
          {{{"state", "held"}}, number(backlog->held)}}},
        {"run_on_email_starts_accepted_total",
         Type::counter,
         "Starts that the host has taken.",
         {{{}, number(figures.starts_accepted)}}},
        {"run_on_email_start_delay_seconds_total",
         Type::counter,
         "From the decision until the host had taken the start, all accepted starts together.",
         {{{}, static_cast<double>(figures.start_delay_ms) / 1000}}},
        {"run_on_email_disposals",
         Type::gauge,
         "Mails that are still to be marked, moved or deleted on their server.",
         {{{}, number(backlog->disposals)}}},
    };
}

Outcome<std::int64_t> Upkeep::erase(std::string_view tenant) {
    const auto erased = running_->ledger().erase_log(std::string(tenant));
    if (!erased) return to_failure(erased.error());
    return *erased;
}

} // namespace roe::provider
