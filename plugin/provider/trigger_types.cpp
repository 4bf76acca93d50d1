#include "provider/trigger_types.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/crash_point.hpp"
#include "base/timestamp.hpp"
#include "provider/preview.hpp"
#include "provider/shown.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::Failure;
using orch::sdk::Outcome;
using orch::sdk::Status;

namespace {

Failure no_such_type(const std::string &type) {
    return orch::sdk::not_found("there is no trigger type " + type);
}

Failure no_such_mailbox(const std::string &address) {
    return orch::sdk::invalid({{"Email", address + " is not a mailbox of this tenant"}});
}

// Of the message log, as `to_json` writes it. The largest number there is has no successor.
std::optional<ledger::RowId> read_row(std::string_view text) {
    ledger::RowId row = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), row);
    if (fault != std::errc() || end != text.data() + text.size() || row < 0 ||
        row == std::numeric_limits<ledger::RowId>::max())
        return std::nullopt;
    return row;
}

std::string_view name_of(ledger::MessageState state) {
    using ledger::MessageState;
    switch (state) {
    case MessageState::pending:
        return "pending";
    case MessageState::skipped:
        return "skipped";
    case MessageState::queued:
        return "queued";
    case MessageState::delivered:
        return "delivered";
    case MessageState::parked:
        return "parked";
    case MessageState::quarantined:
        return "quarantined";
    case MessageState::held:
        return "held";
    }
    return "pending";
}

json to_json(const ledger::LogRow &row) {
    return {{"id", std::to_string(row.id)},
            {"messageId", text_or_null(row.message_id)},
            {"subject", text_or_null(row.subject)},
            {"from", text_or_null(row.from)},
            {"receivedAt", timestamp(row.received_at)},
            {"decidedAt", timestamp(row.decided_at)},
            {"triggered", row.triggered},
            {"duplicate", row.duplicate},
            {"state", name_of(row.state)},
            {"reason", {{"code", row.reason_code}, {"text", row.reason_text}}},
            {"jobId", text_or_null(row.job)},
            {"attempts", row.attempts},
            {"nextTry", time_or_null(row.next_try)}};
}

// What a person may do to a row of the message log.
struct Action {
    std::string_view name;
    std::string_view refusal; // of a row in another state
    Result<ledger::Wish> (*wish)(ledger::Ledger &ledger, const std::string &trigger, ledger::RowId row,
                                 const ledger::OnceMore &by);
};

constexpr std::array<Action, 5> actions{{
    {"retry", "only a parked or held start, or a mail that is put off or quarantined, can be retried",
     [](auto &ledger, const auto &trigger, auto row, const auto &) { return ledger.retry(trigger, row); }},
    {"skip", "only a parked or held start, or a mail that is put off or quarantined, can be skipped",
     [](auto &ledger, const auto &trigger, auto row, const auto &by) {
         return ledger.skip(trigger, row, by.by);
     }},
    {"start-again", "only a message that was skipped or delivered can be started again",
     [](auto &ledger, const auto &trigger, auto row, const auto &by) {
         return ledger.start_again(trigger, row, by);
     }},
    {"release-all", "only a held start stands for all that its task's brake holds",
     [](auto &ledger, const auto &trigger, auto row, const auto &) {
         return ledger.release_all(trigger, row);
     }},
    {"skip-all", "only a held start stands for all that its task's brake holds",
     [](auto &ledger, const auto &trigger, auto row, const auto &by) {
         return ledger.skip_all(trigger, row, by.by);
     }},
}};

json to_json(const ledger::PutOffMails &put_off) {
    json mails = json::array();
    for (const auto &mail : put_off.mails)
        mails.push_back({{"uid", mail.ref.uid},
                         {"attempts", mail.attempts},
                         {"quarantined", mail.quarantined},
                         {"nextTry", mail.quarantined ? json(nullptr) : json(timestamp(mail.not_before))},
                         {"reason", mail.last_error}});
    return {{"count", put_off.count}, {"quarantined", put_off.quarantined}, {"mails", std::move(mails)}};
}

json to_json(const ledger::HeldStarts &held) {
    return {{"count", held.count},
            {"ofTask", held.of_task},
            {"since", timestamp(held.since)},
            {"reason", held.reason},
            {"message", std::to_string(held.message)}};
}

json to_json(const ledger::Restored &restored) {
    const auto &baseline = restored.baseline;
    return {{"from", timestamp(restored.from)},
            {"until", timestamp(baseline ? baseline->at : restored.until)},
            {"passedOver", baseline ? json(baseline->passed_over) : json(nullptr)}};
}

// Parameters that are well-formed, and the mailbox that they name.
struct Checked {
    trigger::Parameters parameters;
    settings::Mailbox mailbox;
};

// What the mailbox's protocol can't do.
FieldErrors beyond_protocol(const trigger::Parameters &parameters, const settings::Mailbox &mailbox) {
    FieldErrors errors;
    if (!mailbox.is_pop3()) return errors;
    if (parameters.start_from == trigger::StartFrom::unread)
        errors.push_back({"StartFrom", "can't be unread: POP3 knows no unread mail"});
    if (!parameters.folder.empty()) errors.push_back({"Folder", "can't be given: POP3 knows one folder only"});
    return errors;
}

// What the host can't do.
FieldErrors beyond_host(const trigger::Parameters &parameters, Running &running) {
    if (parameters.resource.empty() || running.assets() != nullptr) return {};
    return {{"Resource", "can't be given: this host has no assets (it does not offer orch.assets/1)"}};
}

// Asked when a trigger is saved, and not when it starts: a host that can't mail any more must not keep mails
// from being taken.
FieldErrors beyond_mail(const trigger::Parameters &parameters, Running &running) {
    if (!parameters.notify_authors || running.notices().can_mail()) return {};
    return {
        {"NotifyAuthors", "can't be on: this host sends no mails (it does not offer orch.notifications/1)"}};
}

// A form that is saved asks for nothing that no mail can meet. A trigger that was saved before the mailbox lost
// its setting goes on, and says with each mail why it does not match.
FieldErrors beyond_trust(const trigger::Parameters &parameters, const settings::Mailbox &mailbox) {
    FieldErrors errors;
    if (!mailbox.trusted_authserv.empty()) return errors;
    const auto &conditions = parameters.more_filters;
    for (std::size_t i = 0; i < conditions.size(); ++i)
        if (conditions[i].field == trigger::Condition::Field::sender_authenticated)
            errors.push_back(
                {"MoreFilters.all." + std::to_string(i) + ".field",
                 "needs the Trusted authserv-id of the mailbox, which is empty: no server's word on the "
                 "sender would count"});
    return errors;
}

Outcome<Checked> check(Running &running, const std::string &tenant, const json &parameters) {
    auto read = trigger::read_parameters(parameters);
    if (!read) return to_failure(read.errors());
    if (auto errors = beyond_host(*read, running); !errors.empty()) return to_failure(errors);
    auto mailbox = running.mailboxes().find(tenant, read->email);
    if (!mailbox) return mailbox.failure();
    if (!*mailbox) return no_such_mailbox(read->email);
    if (const auto *base = (*mailbox)->is_base() ? running.mailboxes().base(tenant) : nullptr)
        if (!base->faults.empty())
            return orch::sdk::invalid({{"Email", settings::error_of(base->faults).text()}});
    if (auto errors = beyond_protocol(*read, **mailbox); !errors.empty()) return to_failure(errors);
    // As the mailbox spells it, so that the page shows one address for one mailbox.
    read->email = (*mailbox)->email;
    return Checked{std::move(*read), std::move(**mailbox)};
}

// Asked when a trigger is saved, and not when it starts: an asset that was lost must not keep mails from being
// taken, whose starts wait for it then.
Outcome<void> asset_is_there(Running &running, const std::string &tenant, const std::string &name) {
    if (name.empty()) return {};
    const auto exists = running.assets()->exists(tenant, name);
    if (!exists) return exists.failure();
    if (!*exists)
        return orch::sdk::invalid(
            {{"Resource", "there is no asset " + name + " in this tenant: make it first"}});
    return {};
}

} // namespace

Outcome<json> TriggerTypes::describe(std::string_view tenant, std::string_view) {
    std::vector<std::string> addresses;
    if (running_ != nullptr) {
        const auto mailboxes = running_->mailboxes().list(std::string(tenant));
        if (!mailboxes) return mailboxes.failure();
        for (const auto &mailbox : *mailboxes)
            addresses.push_back(mailbox.email);
    }
    trigger::HostHas host;
    if (running_ != nullptr) host = {running_->assets() != nullptr, running_->notices().can_mail()};
    return json::array({trigger::describe_trigger_type(addresses, host)});
}

Outcome<json> TriggerTypes::validate(const orch::sdk::TriggerDraft &draft) {
    if (draft.type != trigger_type) return no_such_type(draft.type);
    const auto checked = check(*running_, draft.tenant, draft.parameters);
    if (!checked) return checked.failure();
    if (auto errors = beyond_mail(checked->parameters, *running_); !errors.empty()) return to_failure(errors);
    if (auto errors = beyond_trust(checked->parameters, checked->mailbox); !errors.empty())
        return to_failure(errors);
    if (auto known = asset_is_there(*running_, draft.tenant, checked->parameters.resource); !known)
        return known.failure();
    return trigger::to_json(checked->parameters);
}

Outcome<void> TriggerTypes::start(const orch::sdk::Trigger &trigger) {
    if (trigger.type != trigger_type) return no_such_type(trigger.type);
    auto checked = check(*running_, trigger.tenant, trigger.parameters);
    if (!checked) return checked.failure();
    if (!beyond_mail(checked->parameters, *running_).empty())
        running_->log(orch::sdk::LogLevel::warning, "the authors of mails for the task " + trigger.task.name +
                                                        " are not notified: this host sends no mails any more");
    auto active = std::make_shared<trigger::ActiveTrigger>();
    active->id = trigger.id;
    active->tenant = trigger.tenant;
    active->task_id = trigger.task.id;
    active->task_name = trigger.task.name;
    active->filter = trigger::parse_filter(checked->parameters.from, checked->parameters.subject,
                                           checked->parameters.more_filters);
    active->parameters = std::move(checked->parameters);
    if (trigger.restored) {
        if (auto noted = note_restored(trigger.id, *trigger.restored); !noted) return noted;
    }
    auto restored = running_->ledger().restored(trigger.id);
    if (!restored) return to_failure(restored.error());
    if (*restored && !(*restored)->baseline) active->restored = **restored;
    running_->mailroom().start(std::move(active), running_->watchable(checked->mailbox));
    return {};
}

Outcome<void> TriggerTypes::note_restored(const std::string &trigger, const orch::sdk::Restored &restored) {
    const auto from = read_timestamp(restored.from);
    const auto until = read_timestamp(restored.until);
    if (!from || !until)
        return orch::sdk::failed("the host says that a backup was restored, but not when: " + restored.from +
                                 ", " + restored.until);
    running_->mailroom().stop(trigger);
    crash_point("restored-before-note");
    if (const auto noted = running_->ledger().note_restored(trigger, *from, *until); !noted)
        return to_failure(noted.error());
    crash_point("restored-after-note");
    return {};
}

Outcome<void> TriggerTypes::stop(std::string_view trigger) {
    running_->mailroom().stop(std::string(trigger));
    return {};
}

Outcome<void> TriggerTypes::forget(std::string_view trigger) {
    running_->mailroom().stop(std::string(trigger));
    if (const auto forgotten = running_->ledger().forget_trigger(std::string(trigger)); !forgotten)
        return to_failure(forgotten.error());
    return {};
}

Outcome<json> TriggerTypes::state(std::string_view trigger) {
    const std::string id(trigger);
    const auto times = running_->ledger().trigger_times(id);
    if (!times) return to_failure(times.error());
    const auto restored = running_->ledger().restored(id);
    if (!restored) return to_failure(restored.error());
    constexpr std::size_t most_shown = 10;
    const auto put_off = running_->ledger().put_off(id, most_shown);
    if (!put_off) return to_failure(put_off.error());
    const auto held = running_->ledger().held(id);
    if (!held) return to_failure(held.error());
    const auto health = running_->mailroom().trigger_health(id);
    const char *const state = !health ? "stopped" : health->ready ? "started" : "starting";
    return json{{"id", id},
                {"state", state},
                {"since", health ? json(timestamp(health->folder.since)) : json(nullptr)},
                {"lastFired", time_or_null(times->last_fired)},
                {"lastMail", time_or_null(times->last_mail)},
                {"putOff", to_json(*put_off)},
                {"held", *held ? to_json(**held) : json(nullptr)},
                {"restored", *restored ? to_json(**restored) : json(nullptr)},
                {"error", health ? error_or_null(health->folder.error) : json(nullptr)}};
}

Outcome<json> TriggerTypes::messages(std::string_view trigger, const orch::sdk::PageQuery &query) {
    std::optional<ledger::RowId> before;
    if (query.after) {
        before = read_row(*query.after);
        if (!before) return orch::sdk::invalid({{"after", "is not a cursor of this list"}});
    }
    const auto rows = running_->ledger().log(std::string(trigger), before, query.limit);
    if (!rows) return to_failure(rows.error());
    json items = json::array();
    for (const auto &row : *rows)
        items.push_back(to_json(row));
    const bool full = rows->size() == query.limit;
    return json{{"items", std::move(items)},
                {"next", full ? json(std::to_string(rows->back().id)) : json(nullptr)}};
}

Outcome<json> TriggerTypes::message_action(std::string_view trigger, const orch::sdk::MessageAction &action) {
    const std::string id(trigger);
    auto &ledger = running_->ledger();
    const auto no_such_row = [&] { return orch::sdk::not_found("there is no message " + action.row); };
    const auto row = read_row(action.row);
    if (!row) return no_such_row();
    const auto *const known = std::ranges::find(actions, std::string_view(action.action), &Action::name);
    if (known == actions.end())
        return Failure{Status::unsupported, "this version can't " + action.action + " a message"};
    const auto wish = known->wish(ledger, id, *row, {action.user, running_->clock().wall()});
    if (!wish) return to_failure(wish.error());
    const auto now = ledger.log(id, *row + 1, 1);
    if (!now) return to_failure(now.error());
    if (*wish == ledger::Wish::no_such_row || now->empty() || now->front().id != *row) return no_such_row();
    if (*wish == ledger::Wish::wrong_state)
        return Failure{Status::conflict, std::string(known->refusal) + "; this message is " +
                                             std::string(name_of(now->front().state))};
    if (*wish == ledger::Wish::out_of_reach)
        return Failure{Status::conflict,
                       "the mail can't be found again: its folder was renumbered since, or the "
                       "trigger watches another one now"};
    running_->mailroom().sweep_outbox();
    running_->mailroom().expect_pending(id);
    return to_json(now->front());
}

Outcome<json> TriggerTypes::preview(const orch::sdk::TriggerDraft &draft, std::uint32_t limit,
                                    const orch::sdk::Cancellation &cancellation) {
    if (draft.type != trigger_type) return no_such_type(draft.type);
    const auto checked = check(*running_, draft.tenant, draft.parameters);
    if (!checked) return checked.failure();
    return provider::preview(*running_, checked->mailbox, checked->parameters, limit, cancellation);
}

} // namespace roe::provider
