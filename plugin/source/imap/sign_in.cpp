#include "source/imap/sign_in.hpp"

#include <utility>

#include "source/imap/authentication.hpp"
#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

std::string server_of(const Account &account) {
    return clean_words(account.host) + ":" + std::to_string(account.port);
}

constexpr std::string_view greeting_advice =
    "Check server and port: IMAP listens on 143 (plain or STARTTLS) or 993 (TLS from the first byte).";

} // namespace

Result<std::unique_ptr<Session>> SignIn::run() {
    auto signed_in = connect();
    if (!signed_in) return std::move(signed_in.error());
    if (!*signed_in) {
        if (auto done = log_in(); !done) return std::move(done.error());
    }
    wipe(account_.password);
    if (auto done = after_login(); !done) return std::move(done.error());
    if (observer_ != nullptr) observer_->signed_in(mechanism_);
    return std::move(session_);
}

void SignIn::begin(std::shared_ptr<net::Stream> stream) {
    session_ = std::make_unique<Session>(std::move(stream), clock_, limits_);
}

Result<bool> SignIn::greet() {
    const bool encrypted = session_->stream().encrypted();
    session_->doing("connect", "waiting for the greeting of " + server_of(account_),
                    std::string(greeting_advice) +
                        (encrypted ? "" : " A silent server may be waiting for TLS: switch encryption on."));
    auto greeting = session_->greeting();
    if (!greeting) return std::move(greeting.error());
    if (observer_ != nullptr) observer_->greeted();
    return greeting->condition == Condition::preauth;
}

Result<bool> SignIn::upgrade(bool preauthenticated, bool required) {
    session_->doing("tls", "asking " + server_of(account_) + " for encryption (STARTTLS)");
    if (preauthenticated) {
        // STARTTLS is not allowed once signed in: a forged PREAUTH would keep the session in clear (RFC 9051
        // §11.3).
        if (!required) return true;
        return session_->error(
            Fault::not_encrypted, "the server signed us in before the connection was encrypted",
            "Use TLS from the first byte (port 993), or find out who alters the connection.");
    }
    if (auto known = learn_capabilities(); !known) return std::move(known.error());
    if (!session_->capabilities().has("STARTTLS")) {
        if (!required) return false;
        return session_->error(
            Fault::not_encrypted, "the server offers no encryption",
            "Use the port for TLS from the first byte (993), or ask the server's administrator to "
            "switch STARTTLS on.");
    }
    auto answer = session_->run(Command("STARTTLS"));
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok) {
        if (!required) return false;
        return session_->refusal(
            *answer, Fault::not_encrypted,
            "The server offers STARTTLS but refuses it: try TLS from the first byte (port 993).");
    }
    auto facts = session_->start_tls(account_.host, account_.trust);
    observe_encryption(facts, session_->stream());
    if (!facts) return std::move(facts.error());
    return false;
}

Result<void> SignIn::learn_capabilities() {
    if (session_->capabilities_known()) return {};
    auto answer = session_->run(Command("CAPABILITY"));
    if (!answer) return std::move(answer.error());
    return {};
}

Result<void> SignIn::log_in() {
    doing_login();
    if (auto known = learn_capabilities(); !known) return known;
    if (observer_ != nullptr && !session_->stream().encrypted())
        observer_->in_clear(session_->capabilities().has("STARTTLS"));
    auto mechanism = authenticate(*session_, account_, stop());
    if (!mechanism) return std::move(mechanism.error());
    mechanism_ = std::move(*mechanism);
    return {};
}

Result<void> SignIn::after_login() {
    doing_login();
    if (auto known = learn_capabilities(); !known) return known;
    const Capabilities offered = session_->capabilities();
    std::string id;
    std::string enable;
    // Some servers (163.com) refuse SELECT as unsafe unless the client has named itself.
    if (offered.has("ID")) id = session_->queue(Command(R"(ID ("name" "run-on-email"))"));
    if (offered.has("ENABLE") && (offered.has("UTF8=ACCEPT") || offered.has("UTF8=ONLY"))) {
        enable = session_->queue(Command("ENABLE UTF8=ACCEPT"));
    }
    for (const std::string &tag : {id, enable}) {
        if (tag.empty()) continue;
        // A refusal only means that the courtesy is not wanted.
        if (auto answer = session_->await(tag, Session::Patience::brief); !answer)
            return std::move(answer.error());
    }
    return {};
}

void SignIn::doing_login() {
    const std::string who = account_.authenticate ? " as " + clean_words(account_.login) : " without a login";
    session_->doing("login", "signing in to " + clean_words(account_.host) + who);
}

} // namespace roe::imap
