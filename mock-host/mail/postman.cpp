#include "mail/postman.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/random_id.hpp"
#include "crash_point.hpp"
#include "mail/address.hpp"
#include "mail/composed_mail.hpp"
#include "store/audit.hpp"

namespace host {
namespace {

using orch::sdk::Failure;
using orch::sdk::Notification;
using orch::sdk::Outcome;
using orch::sdk::Status;

constexpr std::size_t longest_subject = 1000;
constexpr std::size_t longest_text = 64 << 10;
constexpr std::size_t most_references = 100;
constexpr std::int64_t most_waiting = 10'000;
constexpr std::int64_t most_in_a_session = 50;
constexpr std::chrono::seconds full_pause{30};

Micros micros(std::chrono::milliseconds time) {
    return std::chrono::microseconds(time).count();
}

// Empty: it can be mailed.
std::string objection_to(const Notification &message) {
    for (const auto &to : message.to)
        if (!is_mail_address(to)) return "one of its addresses is none that mail can be sent to";
    if (message.subject.size() > longest_subject)
        return "its subject has more than " + std::to_string(longest_subject) + " bytes";
    if (message.text.size() > longest_text)
        return "its text has more than " + std::to_string(longest_text) + " bytes";
    if (message.references.size() > most_references)
        return "it has more than " + std::to_string(most_references) + " references";
    if (message.in_reply_to && !is_message_id(*message.in_reply_to)) return "its inReplyTo is no message id";
    if (!std::ranges::all_of(message.references, is_message_id))
        return "one of its references is no message id";
    return {};
}

// What a server says may name whom it is about; the journal outlives what is erased.
std::string without(const std::string &address, std::string words) {
    for (std::size_t at = words.find(address); at != std::string::npos; at = words.find(address, at))
        words.replace(at, address.size(), "(address)");
    return words;
}

} // namespace

Postman::Postman(Database &database, const KeyRing &keys, SmtpSettings settings, PostmanPatience patience)
    : database_(database), keys_(keys), settings_(std::move(settings)), patience_(patience),
      trust_(smtp_trust(settings_)) {}

Postman::~Postman() {
    stop();
}

void Postman::start() {
    thread_ = std::thread([this] { loop(); });
}

void Postman::stop() {
    if (!thread_.joinable()) return;
    bell_.end();
    cut_.cut();
    thread_.join();
}

Outcome<void> Postman::accept(const std::string &plugin, std::string_view tenant, std::string_view key,
                              const Notification &message) {
    if (auto objection = objection_to(message); !objection.empty()) return Failure{Status::invalid, objection};
    const auto at = wall_now();
    std::vector<OutgoingMail> mails;
    for (const auto &to : message.to)
        mails.push_back(
            {0, std::string(tenant), plugin, std::string(key), to, composed(to, message, at), 0, at, at});
    bool full = false;
    database_.write([&](Session &session) {
        full = mails::count(session) + static_cast<std::int64_t>(mails.size()) > most_waiting;
        if (full || !mails::take_key(session, plugin, std::string(key))) return;
        for (const auto &mail : mails)
            mails::insert(session, mail);
    });
    if (full) return Failure{Status::busy, "too many mails wait for the mail server", {}, {}, full_pause};
    bell_.ring();
    return {};
}

std::string Postman::composed(const std::string &to, const Notification &message, Micros at) const {
    MailDraft draft{
        settings_.from, to, message.subject, message.text, message.in_reply_to, message.references, {}, at};
    draft.message_id = random_id() + settings_.from.substr(settings_.from.rfind('@'));
    return composed_mail(draft);
}

MailCounts Postman::counts() const {
    return {database_.read([](Session &session) { return mails::count(session); }), sent_, given_up_};
}

void Postman::loop() {
    while (!bell_.ended()) {
        try {
            const auto due = database_.read(
                [](Session &session) { return mails::due(session, wall_now(), most_in_a_session); });
            if (!due.empty()) {
                deliver(due);
                continue;
            }
            bell_.wait_until(database_.read([](Session &session) { return mails::next_due(session); }));
        } catch (const std::exception &fault) {
            log_line(Severity::error, "mail", fault.what());
            bell_.wait_for(patience_.longest_pause);
        }
    }
}

void Postman::deliver(const std::vector<OutgoingMail> &due) {
    auto next = due.begin();
    try {
        const auto password =
            settings_.password.empty() ? std::string() : keys_.open(configuration_context, settings_.password);
        SmtpSession session(settings_, trust_, password, cut_);
        if (std::exchange(in_trouble_, false))
            log_line(Severity::info, "mail", "the mail server takes mails again");
        for (; next != due.end(); ++next) {
            crash_point("host-before-mail");
            const auto verdict = session.send(next->recipient, next->content);
            crash_point("host-after-mail");
            note(*next, verdict);
        }
    } catch (const SmtpTrouble &trouble) {
        if (bell_.ended()) return; // it is us who broke off
        if (!std::exchange(in_trouble_, true)) log_line(Severity::warning, "mail", trouble.what());
        for (; next != due.end(); ++next)
            try_again(*next, trouble.what());
    }
}

void Postman::note(const OutgoingMail &mail, const SmtpVerdict &verdict) {
    switch (verdict.kind) {
    case SmtpVerdict::Kind::taken:
        database_.write([&](Session &session) { mails::remove(session, mail.seq); });
        ++sent_;
        return;
    case SmtpVerdict::Kind::later:
        return try_again(mail, verdict.words);
    case SmtpVerdict::Kind::refused:
        return give_up(mail, "the mail server refused it: " + verdict.words);
    }
}

void Postman::try_again(const OutgoingMail &mail, const std::string &words) {
    if (wall_now() - mail.created_at > micros(patience_.give_up_after))
        return give_up(mail, "it was tried for too long; at last: " + words);
    const auto doubled = patience_.first_pause * (std::int64_t{1} << std::min<std::int64_t>(mail.attempts, 20));
    const auto pause = std::min<std::chrono::milliseconds>(doubled, patience_.longest_pause);
    database_.write([&](Session &session) { mails::postpone(session, mail.seq, wall_now() + micros(pause)); },
                    {}, Database::Durability::lazy);
}

void Postman::give_up(const OutgoingMail &mail, const std::string &words) {
    const auto why = without(mail.recipient, words);
    database_.write([&](Session &session) {
        mails::remove(session, mail.seq);
        audit::note(session, audit::notification_given_up, {mail.tenant, {}, mail.plugin},
                    {"notification", mail.key, mail.key}, {{"reason", why}, {"attempts", mail.attempts + 1}});
    });
    ++given_up_;
    log_line(Severity::warning, "mail", "the notification " + mail.key + " was given up: " + why);
}

} // namespace host
