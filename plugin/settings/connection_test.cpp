#include "settings/connection_test.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/timestamp.hpp"
#include "base/unicode.hpp"

namespace roe::settings {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 6> names{"dns", "connect", "tls", "login", "folder", "count"};

// What a program may tell faults apart by.
std::string_view code_of(Fault fault) {
    switch (fault) {
    case Fault::name_lookup:
        return "nameLookup";
    case Fault::unreachable:
        return "unreachable";
    case Fault::timed_out:
        return "timedOut";
    case Fault::tls:
        return "tls";
    case Fault::untrusted:
        return "untrusted";
    case Fault::not_encrypted:
        return "notEncrypted";
    case Fault::login_refused:
        return "loginRefused";
    case Fault::consent_needed:
        return "consentNeeded";
    case Fault::no_folder:
        return "noFolder";
    case Fault::throttled:
        return "throttled";
    case Fault::refused:
        return "refused";
    case Fault::protocol:
        return "protocol";
    case Fault::gone:
    case Fault::identity_lost:
    case Fault::storage:
    case Fault::cancelled:
        break;
    }
    return "failed";
}

// Names in certificates are anybody's bytes.
json text(const std::string &bytes) {
    return unicode::repaired(bytes);
}

json text_or_null(const std::string &bytes) {
    return bytes.empty() ? json(nullptr) : text(bytes);
}

json to_json(const net::CertificateFacts &certificate) {
    return {{"subject", text(certificate.subject)},
            {"issuer", text(certificate.issuer)},
            {"notBefore", text_or_null(certificate.not_before)},
            {"notAfter", text_or_null(certificate.not_after)},
            {"sha256", certificate.sha256}};
}

// The server's own certificate first, then what it sent to vouch for it.
json chain_of(const net::TlsFacts &facts) {
    json chain = json::array({to_json(facts.certificate)});
    for (const auto &certificate : facts.above)
        chain.push_back(to_json(certificate));
    return chain;
}

std::string joined(const std::vector<std::string> &parts, std::size_t most) {
    std::string all;
    for (std::size_t i = 0; i < std::min(parts.size(), most); ++i)
        all += (i == 0 ? "" : ", ") + parts[i];
    return parts.size() > most ? all + ", …" : all;
}

} // namespace

ConnectionTest::ConnectionTest(const Mailbox &mailbox, const Clock &clock, OnStep on_step)
    : mailbox_(mailbox), security_(security_of(mailbox)), clock_(clock), on_step_(std::move(on_step)),
      since_(clock.steady()) {}

json ConnectionTest::run(MailSource &source, const std::function<bool()> &speaks_tls) {
    bool ok = false;
    if (auto opened = source.open(); !opened) {
        failed(std::move(opened.error()), speaks_tls);
    } else if (auto missing = target_missing(source)) {
        failed(std::move(*missing), speaks_tls);
        source.close();
    } else {
        passed(Step::folder, mailbox_.folder() + " is open; new mail is noticed by " + opened->mode);
        if (mailbox_.is_pop3()) {
            ok = true;
            passed(Step::count, std::to_string(opened->count) + " mails are there", {},
                   {{"count", opened->count}, {"unread", nullptr}});
        } else if (auto unread = source.unread(); !unread) {
            failed(std::move(unread.error()), speaks_tls);
        } else {
            ok = true;
            passed(Step::count,
                   std::to_string(opened->count) + " mails are there, " + std::to_string(unread->size()) +
                       " of them unread",
                   {}, {{"count", opened->count}, {"unread", unread->size()}});
        }
        source.close();
    }
    return {{"ok", ok}, {"steps", std::move(steps_)}};
}

std::optional<Error> ConnectionTest::target_missing(MailSource &source) const {
    constexpr std::size_t most_shown = 20;
    if (mailbox_.move_to.empty()) return std::nullopt;
    const auto there = source.has_folder(mailbox_.move_to);
    if (!there) return there.error();
    if (*there) return std::nullopt;
    const auto names = source.folders();
    if (!names) return names.error();
    return Error{.fault = Fault::no_folder,
                 .step = "folder",
                 .doing = "looking for the folder to move mail to",
                 .server_text =
                     "there is no folder \"" + mailbox_.move_to + "\"; there are " + joined(*names, most_shown),
                 .advice = "Make that folder, or choose another for \"Move to\".",
                 .retry_after = {}};
}

void ConnectionTest::resolved(const std::vector<std::string> &addresses) {
    constexpr std::size_t most_shown = 6;
    passed(Step::dns, "the addresses of " + mailbox_.host + ": " + joined(addresses, most_shown), {},
           {{"addresses", addresses}});
}

void ConnectionTest::connected(const std::string &address) {
    address_ = address;
    if (tls_comes_first()) passed(Step::connect, connection());
}

void ConnectionTest::greeted() {
    const auto *said = mailbox_.is_exchange() ? ", which answers as a web server"
                       : mailbox_.is_pop3()   ? ", which greets as a POP3 server"
                                              : ", which greets as an IMAP server";
    passed(Step::connect, connection() + said);
}

void ConnectionTest::encrypted(const net::TlsFacts &facts) {
    const auto &certificate = facts.certificate;
    std::string detail = facts.protocol + ", " + facts.cipher + "; certificate of " + certificate.subject +
                         ", issued by " + certificate.issuer + ", valid until " + certificate.not_after;
    if (!mailbox_.certificate_sha256.empty()) detail += "; trusted by its fingerprint";
    passed(Step::tls, detail, {},
           {{"protocol", facts.protocol},
            {"cipher", facts.cipher},
            {"certificate", to_json(certificate)},
            {"chain", chain_of(facts)},
            {"pin", nullptr}});
}

void ConnectionTest::distrusted(const net::TlsFacts &facts) {
    refused_ = facts;
}

void ConnectionTest::in_clear(bool encryption_offered) {
    std::string detail = "not encrypted: anybody on the way can read ";
    detail += mailbox_.require_authenticate ? "the login and every mail" : "every mail";
    if (mailbox_.is_exchange()) return exposed(detail);
    const std::string upgrade = mailbox_.is_pop3() ? "STLS" : "STARTTLS";
    const std::string port = mailbox_.is_pop3() ? "995" : "993";
    detail += encryption_offered ? "; the server offers encryption by " + upgrade
                                 : "; the server offers no " + upgrade + " on this port";
    passed(Step::tls, detail,
           encryption_offered
               ? R"(Switch "Use standart not SSL Port" off and "Use Ssl" on.)"
               : "Try port " + port + R"( with "Use standart not SSL Port" off and "Use Ssl" on.)",
           {{"protocol", nullptr}, {"startTlsOffered", encryption_offered}});
}

void ConnectionTest::exposed(const std::string &detail) {
    passed(Step::tls, detail, "Enter the address with https:// where the server offers it.",
           {{"protocol", nullptr}, {"startTlsOffered", nullptr}});
}

void ConnectionTest::authorized(const std::string &endpoint, WallTime renew_at) {
    token_ = {{"endpoint", endpoint}, {"renewAt", timestamp(renew_at)}};
}

void ConnectionTest::signed_in(std::string_view mechanism) {
    const bool in_clear = next_ == static_cast<std::size_t>(Step::tls);
    // A proof hides the password, and nothing else.
    if (in_clear && mailbox_.is_exchange())
        exposed("not encrypted: anybody on the way can read every mail");
    else if (in_clear)
        passed(Step::tls, "not encrypted: the server signed us in before it could be");
    passed(
        Step::login,
        (mailbox_.require_authenticate ? "signed in as " + mailbox_.login_name() : "let in without a login") +
            " by " + std::string(mechanism) +
            (token_.is_null() ? "" : ", with an access token from " + token_.at("endpoint").get<std::string>()),
        {}, {{"mechanism", mechanism}, {"token", token_}});
}

void ConnectionTest::passed(Step step, const std::string &detail, const std::string &advice, json more) {
    // Told already, before the server had to be connected to once more.
    if (static_cast<std::size_t>(step) < next_) return;
    more["detail"] = text(detail);
    more["error"] = nullptr;
    more["advice"] = text_or_null(advice);
    tell(step, true, std::move(more));
}

void ConnectionTest::failed(Error error, const std::function<bool()> &speaks_tls) {
    const Step step = step_of(error);
    const bool silent = step == Step::connect && !address_.empty() && error.fault != Fault::cancelled;
    if (silent && !tls_comes_first() && speaks_tls()) {
        error.fault = Fault::tls;
        error.server_text = "the port speaks TLS from the first byte";
        error.advice =
            mailbox_.is_exchange()
                ? "Enter the address with https://."
                : R"(Switch "Use standart not SSL Port" off and "Use Ssl" on: this is a port for TLS, and the )"
                  "mailbox is set to plain text.";
    }
    if (error.fault == Fault::cancelled) {
        error.fault = Fault::timed_out;
        error.server_text = "the test took too long";
        error.advice = "The server answers, but so slowly that the test was broken off.";
    }
    json values{{"detail", nullptr},
                {"code", code_of(error.fault)},
                {"error", text(error.text())},
                {"serverText", text_or_null(error.server_text)},
                {"advice", text_or_null(error.advice)}};
    if (step == Step::tls && error.fault == Fault::untrusted && !refused_.certificate.sha256.empty()) {
        values["certificate"] = to_json(refused_.certificate);
        values["chain"] = chain_of(refused_);
        values["pin"] = refused_.certificate.sha256;
    }
    if (step == Step::login) values["token"] = token_;
    tell(step, false, std::move(values));
}

void ConnectionTest::tell(Step step, bool ok, json values) {
    const auto now = clock_.steady();
    values["name"] = names.at(static_cast<std::size_t>(step));
    values["ok"] = ok;
    values["ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_).count();
    since_ = now;
    next_ = static_cast<std::size_t>(step) + 1;
    on_step_(values);
    steps_.push_back(std::move(values));
}

// The one that the error names, but for one that has gone well already: a server that falls silent behind TLS
// fails where it was to go on.
ConnectionTest::Step ConnectionTest::step_of(const Error &error) const {
    const auto named = static_cast<std::size_t>(std::ranges::find(names, error.step) - names.begin());
    return static_cast<Step>(named < names.size() ? std::max(named, next_) : next_);
}

bool ConnectionTest::tls_comes_first() const {
    return security_ == Security::tls || security_ == Security::tls_or_starttls;
}

std::string ConnectionTest::connection() const {
    return "connected to " + address_ + ", port " + std::to_string(mailbox_.port);
}

} // namespace roe::settings
