#include "provider/mailbox_page.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "provider/shown.hpp"

namespace roe::provider {

using nlohmann::json;
using orch::sdk::Caller;
using orch::sdk::Failure;
using orch::sdk::Outcome;
using orch::sdk::Status;

namespace {

constexpr std::int32_t event_created = 70001;
constexpr std::int32_t event_changed = 70002;
constexpr std::int32_t event_deleted = 70003;

std::optional<Failure> unknown(std::string_view page) {
    if (page == page_id) return std::nullopt;
    return orch::sdk::not_found("there is no settings page " + std::string(page));
}

// Names of the fields that differ; for a secret that it was given, never what it is.
json changed_fields(const json &before, const json &after, const json &form) {
    json names = json::array();
    for (const auto &[name, value] : after.items())
        if (before.at(name) != value) names.push_back(name);
    for (const auto field : {settings::password_field, settings::client_certificate_field})
        if (form.contains(field)) names.push_back(field);
    if (const auto oauth = form.find(settings::oauth_field); oauth != form.end() && oauth->is_object())
        for (const auto *secret : {"ClientSecret", "RefreshToken"})
            if (oauth->contains(secret)) names.push_back(std::string(settings::oauth_field) + "." + secret);
    return names;
}

} // namespace

Outcome<json> MailboxPage::describe() {
    return json::array({settings::describe_page()});
}

Outcome<json> MailboxPage::list(std::string_view page, const Caller &caller,
                                const orch::sdk::PageQuery &query) {
    if (auto failure = unknown(page)) return *failure;
    auto mailboxes = running_->mailboxes().list(caller.tenant);
    if (!mailboxes) return mailboxes.failure();
    std::sort(mailboxes->begin(), mailboxes->end(), [](const auto &a, const auto &b) { return a.id < b.id; });
    json items = json::array();
    json next = nullptr;
    for (const auto &mailbox : *mailboxes) {
        if (query.after && mailbox.id <= *query.after) continue;
        if (items.size() == query.limit) {
            next = items.back().at("id");
            break;
        }
        auto item = shown(mailbox);
        if (!item) {
            if (item.failure().status == Status::not_found) continue; // deleted meanwhile
            return item.failure();
        }
        items.push_back(std::move(*item));
    }
    return json{{"items", std::move(items)}, {"next", std::move(next)}};
}

Outcome<json> MailboxPage::get(std::string_view page, const Caller &caller, std::string_view item) {
    if (auto failure = unknown(page)) return *failure;
    const auto mailbox = running_->mailboxes().get(caller.tenant, std::string(item));
    if (!mailbox) return mailbox.failure();
    return shown(*mailbox);
}

Outcome<json> MailboxPage::create(std::string_view page, const Caller &caller, const json &values) {
    if (auto failure = unknown(page)) return *failure;
    const auto mailbox = running_->mailboxes().create(caller.tenant, values);
    if (!mailbox) return mailbox.failure();
    write_journal(event_created, "IncomingEmailCreated", caller, *mailbox, json::object());
    return shown(*mailbox);
}

Outcome<json> MailboxPage::update(std::string_view page, const Caller &caller, std::string_view item,
                                  const json &values) {
    if (auto failure = unknown(page)) return *failure;
    const std::string id(item);
    const auto before = running_->mailboxes().get(caller.tenant, id);
    if (!before) return before.failure();
    const auto users = used_by(*before);
    if (!users) return users.failure();
    const auto renamed = values.is_object() && values.contains("Email") && values.at("Email").is_string() &&
                         unicode::folded_address(values.at("Email").get<std::string>()) !=
                             unicode::folded_address(before->email);
    if (renamed && !users->empty())
        return Failure{Status::conflict,
                       "the address can't change while triggers of these tasks name it: " + *users,
                       "mailbox-in-use"};

    const auto after = running_->mailboxes().update(caller.tenant, id, values);
    if (!after) return after.failure();
    running_->mailroom().replace(running_->watchable(*after));
    write_journal(event_changed, "IncomingEmailChanged", caller, *after,
                  {{"fields", changed_fields(settings::to_json(*before), settings::to_json(*after), values)}});
    return shown(*after);
}

Outcome<void> MailboxPage::remove(std::string_view page, const Caller &caller, std::string_view item) {
    if (auto failure = unknown(page)) return *failure;
    const std::string id(item);
    const auto mailbox = running_->mailboxes().get(caller.tenant, id);
    if (!mailbox) return mailbox.failure();
    const auto users = used_by(*mailbox);
    if (!users) return users.failure();
    if (!users->empty())
        return Failure{Status::conflict, "triggers of these tasks use the mailbox: " + *users,
                       "mailbox-in-use"};
    if (auto removed = running_->mailboxes().remove(caller.tenant, id); !removed) return removed;
    running_->mailroom().forget(id);
    write_journal(event_deleted, "IncomingEmailDeleted", caller, *mailbox, json::object());
    return {};
}

Outcome<json> MailboxPage::action(std::string_view page, const Caller &caller,
                                  const orch::sdk::PageAction &action,
                                  const orch::sdk::Cancellation &cancellation,
                                  const orch::sdk::Progress &progress) {
    if (auto failure = unknown(page)) return *failure;
    const ActionCall call{caller, action, cancellation, progress};
    if (action.name == "test-connection") return test_connection(*running_, call);
    if (action.name == "detect-settings") return detect(*running_, call);
    if (action.name == "folders") return list_folders(*running_, call);
    if (action.name == "pause" || action.name == "resume") return pause_or_resume(call);
    return orch::sdk::not_found("this page has no action " + action.name);
}

Outcome<json> MailboxPage::pause_or_resume(const ActionCall &call) {
    if (!call.action.item) return orch::sdk::invalid({{"id", "is required: which mailbox"}});
    const auto mailbox = running_->mailboxes().get(call.caller.tenant, *call.action.item);
    if (!mailbox) return mailbox.failure();
    auto &room = running_->mailroom();
    const auto done = call.action.name == "pause" ? room.pause(mailbox->key()) : room.resume(mailbox->key());
    if (!done) return to_failure(done.error());
    write_journal(event_changed, "IncomingEmailChanged", call.caller, *mailbox, {{"action", call.action.name}});
    return shown(*mailbox);
}

Outcome<json> MailboxPage::shown(const settings::Mailbox &mailbox) {
    const auto secrets = running_->mailboxes().with_secret_marks(mailbox);
    if (!secrets) return secrets.failure();
    auto health = running_->mailroom().mailbox_health(mailbox.key());
    auto item = settings::to_json(mailbox);
    if (const auto *base = mailbox.is_base() ? running_->mailboxes().base(mailbox.tenant) : nullptr) {
        item.update(base->configured);
        if (!base->faults.empty()) {
            health.state = watch::State::error;
            health.error = settings::error_of(base->faults);
        }
    }
    item["id"] = mailbox.id;
    item["readOnly"] = mailbox.is_base();
    item["HasPassword"] = secrets->has_password;
    item["HasClientCertificate"] = secrets->has_client_certificate;
    if (auto &oauth = item[std::string(settings::oauth_field)]; oauth.is_object()) {
        oauth["HasClientSecret"] = secrets->has_client_secret;
        oauth["HasRefreshToken"] = secrets->has_refresh_token;
    }
    item["state"] = watch::name_of(health.state);
    item["since"] = timestamp(health.since);
    item["until"] = time_or_null(health.until);
    item["mode"] = text_or_null(health.mode);
    item["lastLook"] = time_or_null(health.last_look);
    item["lastMail"] = time_or_null(health.last_mail);
    item["error"] = error_or_null(health.error);
    return item;
}

Outcome<std::string> MailboxPage::used_by(const settings::Mailbox &mailbox) {
    const auto triggers = running_->tasks().triggers(mailbox.tenant, trigger_type);
    if (!triggers) return triggers.failure();
    const auto address = unicode::folded_address(mailbox.email);
    std::vector<std::string> names;
    for (const auto &trigger : *triggers) {
        const auto email = trigger.parameters.find("Email");
        if (email == trigger.parameters.end() || !email->is_string()) continue;
        if (unicode::folded_address(email->get<std::string>()) == address) names.push_back(trigger.task.name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string text;
    for (const auto &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

void MailboxPage::write_journal(std::int32_t code, const char *name, const Caller &caller,
                                const settings::Mailbox &mailbox, json details) {
    orch::sdk::JournalEvent event;
    event.code = code;
    event.name = name;
    event.tenant = caller.tenant;
    event.user = caller.user;
    event.subject = {"mailbox", mailbox.id, mailbox.email};
    event.details = std::move(details);
    if (const auto written = running_->journal().write(std::span(&event, 1)); !written)
        running_->log(orch::sdk::LogLevel::error,
                      "the journal did not take the event " + event.name + ": " + written.failure().words);
}

} // namespace roe::provider
