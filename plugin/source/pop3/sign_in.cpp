#include "source/pop3/sign_in.hpp"

#include <utility>

#include "base/wipe.hpp"
#include "source/pop3/authentication.hpp"
#include "source/words.hpp"

namespace roe::pop3 {

namespace {

std::string server_of(const Account &account) {
    return clean_words(account.host) + ":" + std::to_string(account.port);
}

constexpr std::string_view greeting_advice =
    "Check server and port: POP3 listens on 110 (plain or STLS) or 995 (TLS from the first byte).";

} // namespace

Result<std::unique_ptr<Session>> SignIn::run() {
    if (auto connected = connect(); !connected) return std::move(connected.error());
    if (auto done = log_in(); !done) return std::move(done.error());
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
    if (!greeting->ok) return session_->refusal(*greeting, Fault::unreachable);
    if (observer_ != nullptr) observer_->greeted();
    return false;
}

Result<bool> SignIn::upgrade(bool, bool required) {
    session_->doing("tls", "asking " + server_of(account_) + " for encryption (STLS)");
    if (auto learned = session_->learn_capabilities(); !learned) return std::move(learned.error());
    // A server without CAPA may know STLS all the same.
    const bool offered = session_->has("STLS") || (required && !session_->capabilities_known());
    if (!offered) {
        if (!required) return false;
        return session_->error(
            Fault::not_encrypted, "the server offers no encryption",
            "Use the port for TLS from the first byte (995), or ask the server's administrator to "
            "switch STLS on.");
    }
    auto answer = session_->run("STLS");
    if (!answer) return std::move(answer.error());
    if (!answer->ok) {
        if (!required) return false;
        return session_->refusal(
            *answer, Fault::not_encrypted,
            "The server does not begin encryption by STLS: try TLS from the first byte (port 995).");
    }
    auto facts = session_->start_tls(account_.host, account_.trust);
    observe_encryption(facts, session_->stream());
    if (!facts) return std::move(facts.error());
    return false;
}

Result<void> SignIn::log_in() {
    const std::string who = account_.authenticate ? " as " + clean_words(account_.login) : " without a login";
    session_->doing("login", "signing in to " + clean_words(account_.host) + who);
    // What was said before the encryption does not count (RFC 2595 §4).
    if (auto learned = session_->learn_capabilities(); !learned) return learned;
    if (observer_ != nullptr && !session_->stream().encrypted()) observer_->in_clear(session_->has("STLS"));
    for (const auto &[capability, command] :
         {std::pair{"UTF8", "UTF8"},       // headers as they were sent, not downgraded (RFC 6856)
          std::pair{"LANG", "LANG en"}}) { // the words that tell faults apart are English ones
        if (!session_->has(capability)) continue;
        // A refusal only means that the courtesy is not wanted.
        if (auto answer = session_->run(command); !answer) return std::move(answer.error());
    }
    auto mechanism = authenticate(*session_, account_, stop());
    if (!mechanism) return std::move(mechanism.error());
    wipe(account_.password);
    // Servers offer more after the login than before it.
    if (auto learned = session_->learn_capabilities(); !learned) return learned;
    if (observer_ != nullptr) observer_->signed_in(*mechanism);
    return {};
}

} // namespace roe::pop3
