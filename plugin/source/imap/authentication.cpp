#include "source/imap/authentication.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

using net::Mechanism;

// SCRAM and DIGEST-MD5 take two.
constexpr unsigned most_challenges = 5;
constexpr std::string_view cancel = "*"; // RFC 9051 §6.2.2

constexpr std::string_view refused_advice = "Check login and password. Many providers want IMAP switched on in "
                                            "the mailbox's settings and an application "
                                            "password instead of the usual one.";
constexpr std::string_view impostor_advice = "Somebody may be answering in the server's place. Check server "
                                             "name, port and encryption before you give the "
                                             "password to anybody again.";

class Authentication {
  public:
    Authentication(Session &session, const Account &account)
        : session_(session), account_(account), offered_(session.capabilities()), dialect_(session.dialect()),
          encrypted_(session.stream().encrypted()), credentials_{.login = account.login,
                                                                 .password = account.password,
                                                                 .certificate =
                                                                     !account.trust.client_certificate.empty(),
                                                                 .service = "imap",
                                                                 .server = account.host} {}
    Authentication(const Authentication &) = delete;
    Authentication &operator=(const Authentication &) = delete;
    ~Authentication() {
        for (std::string &words : said_)
            wipe(words);
    }

    Result<std::string> run();

  private:
    [[nodiscard]] bool offers(std::string_view mechanism) const {
        return offered_.has("AUTH=" + std::string(mechanism));
    }
    Result<std::string> with_password();
    Result<std::string> without_login();
    // True: signed in. What else came of it is in `refusal_` and `meaning_`.
    Result<bool> attempt(Mechanism mechanism);
    Result<bool> attempt_login_command();
    std::string say(std::string words);

    [[nodiscard]] Error refused() const;
    [[nodiscard]] Error nothing_fits() const;
    [[nodiscard]] Error without_secrets(Error error) const;

    Session &session_;
    const Account &account_;
    const Capabilities offered_;
    const Dialect dialect_;
    const bool encrypted_;
    const net::Credentials credentials_;
    std::optional<Status> refusal_; // the last one
    Refusal meaning_ = Refusal::of_mechanism;
    std::string failure_;           // why the last attempt was broken off by us, if it was
    std::vector<std::string> said_; // what a server may not repeat to people
};

Result<std::string> Authentication::run() {
    // What is offered before the login may be less than after it (mail.ru, GMX, Exchange).
    session_.forget_capabilities();
    auto signed_in = account_.authenticate ? with_password() : without_login();
    if (!signed_in) return without_secrets(std::move(signed_in.error()));
    return signed_in;
}

Result<std::string> Authentication::with_password() {
    auto mechanisms = net::mechanisms_for(
        credentials_, [this](std::string_view name) { return offers(name); }, encrypted_);
    const bool hidden = std::ranges::any_of(mechanisms, net::hides_password);
    bool proofs = true;
    for (const Mechanism mechanism : mechanisms) {
        if (!proofs && net::hides_password(mechanism)) continue;
        auto signed_in = attempt(mechanism);
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string(net::name_of(mechanism));
        if (meaning_ == Refusal::of_login) return refused();
        if (meaning_ == Refusal::of_kind) proofs = false;
    }
    const bool may_be_seen = encrypted_ || !hidden;
    if (!account_.password.empty() && may_be_seen && !offered_.has("LOGINDISABLED")) {
        auto signed_in = attempt_login_command();
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string("LOGIN");
    }
    return refusal_ || !failure_.empty() ? refused() : nothing_fits();
}

Result<std::string> Authentication::without_login() {
    const std::string_view name = net::name_of(Mechanism::anonymous);
    if (!offers(name)) {
        return session_.error(Fault::login_refused, "the server wants a login",
                              "Switch \"Require Authenticate\" on and give login and password.");
    }
    auto signed_in = attempt(Mechanism::anonymous);
    if (!signed_in) return std::move(signed_in.error());
    if (!*signed_in) return refused();
    return std::string(name);
}

Result<bool> Authentication::attempt(Mechanism mechanism) {
    meaning_ = Refusal::of_mechanism;
    failure_.clear();
    net::SaslExchange exchange(mechanism, credentials_);
    std::optional<std::string> first;
    if (exchange.client_begins()) {
        first = exchange.answer({});
        if (!first) {
            failure_ = exchange.failure();
            return false;
        }
    }
    Command command("AUTHENTICATE " + std::string(net::name_of(mechanism)));
    if (first && offered_.has("SASL-IR")) {
        // "=" is the empty response (RFC 4959 §3).
        command.raw(" ").raw(first->empty() ? "=" : *first);
        say(*std::exchange(first, std::nullopt));
    }
    bool broken_off = false;
    auto answer = session_.converse(command, most_challenges, [&](std::string_view challenge) {
        if (first) return say(*std::exchange(first, std::nullopt));
        auto words = exchange.answer(challenge);
        broken_off = !words;
        return words ? say(std::move(*words)) : std::string(cancel);
    });
    command.wipe();
    if (!answer) return std::move(answer.error());
    if (exchange.impostor() || (answer->condition == Condition::ok && !exchange.complete())) {
        return session_.error(Fault::untrusted, "the server did not prove that it knows the password",
                              std::string(impostor_advice));
    }
    if (answer->condition == Condition::ok) return true;
    if (broken_off) failure_ = exchange.failure();
    meaning_ = meaning_of(*answer, mechanism, exchange.judged());
    refusal_ = std::move(*answer);
    return false;
}

Result<bool> Authentication::attempt_login_command() {
    failure_.clear();
    Command command("LOGIN", dialect_);
    command.string(account_.login).string(account_.password);
    auto answer = session_.run(command);
    command.wipe();
    if (!answer) return std::move(answer.error());
    if (answer->condition == Condition::ok) return true;
    refusal_ = std::move(*answer);
    return false;
}

std::string Authentication::say(std::string words) {
    said_.push_back(words);
    return words;
}

Error Authentication::refused() const {
    if (!failure_.empty()) return session_.error(Fault::protocol, failure_);
    return session_.refusal(*refusal_, Fault::login_refused, std::string(refused_advice));
}

Error Authentication::nothing_fits() const {
    if (account_.password.empty()) {
        return session_.error(Fault::refused, "the server takes no client certificate as a login here",
                              "Give the password too, or have EXTERNAL switched on at the server.");
    }
    if (!encrypted_) {
        return session_.error(
            Fault::not_encrypted, "the server takes no password here",
            "The server takes passwords over an encrypted connection only: switch encryption on.");
    }
    const std::string mechanisms = offered_.mechanisms();
    return session_.error(
        Fault::refused, "the server takes no password here",
        "The server takes only these mechanisms: " + (mechanisms.empty() ? "none" : mechanisms) + ".");
}

// Servers have been seen to repeat the command that they did not understand.
Error Authentication::without_secrets(Error error) const {
    std::vector<std::string> secrets = said_;
    // As it is, and as it looks among cleaned words.
    secrets.push_back(account_.password);
    secrets.push_back(clean_words(account_.password));
    for (std::string &secret : secrets) {
        error.server_text = strike_out(std::move(error.server_text), secret);
        wipe(secret);
    }
    return error;
}

} // namespace

Refusal meaning_of(const Status &status, Mechanism mechanism, bool judged) {
    // BAD is no refusal of the password: some servers list mechanisms that they can't do, and it is the answer
    // to our breaking off.
    if (status.condition == Condition::bad) return Refusal::of_mechanism;
    // Throttled, unavailable, or wanting encryption: no other mechanism changes that.
    if (fault_of(status, Fault::login_refused) != Fault::login_refused) return Refusal::of_login;
    const std::string &code = status.code.name;
    if (code == "CANNOT") return Refusal::of_mechanism;
    // The account is known and shut: disabled, expired, without rights.
    if (code == "AUTHORIZATIONFAILED" || code == "EXPIRED" || code == "CONTACTADMIN" || code == "NOPERM")
        return Refusal::of_login;
    // The certificate was refused; there may still be a password.
    if (mechanism == Mechanism::external) return Refusal::of_mechanism;
    if (judged) return Refusal::of_login;
    // Refused before the password came in. "Authentication failed" is what a server says (Dovecot) that knows
    // no such account, or keeps its password in a form that SCRAM can't be done with.
    return code == "AUTHENTICATIONFAILED" ? Refusal::of_kind : Refusal::of_mechanism;
}

Result<std::string> authenticate(Session &session, const Account &account) {
    return Authentication(session, account).run();
}

} // namespace roe::imap
