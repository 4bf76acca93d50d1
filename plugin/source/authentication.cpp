#include "source/authentication.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/wipe.hpp"
#include "source/words.hpp"

namespace roe {

namespace {

using net::Mechanism;

// SCRAM and DIGEST-MD5 take two.
constexpr unsigned most_challenges = 5;

constexpr std::string_view impostor_advice = "Somebody may be answering in the server's place. Check server "
                                             "name, port and encryption before you give the "
                                             "password to anybody again.";

constexpr std::string_view token_advice =
    "The access token is fresh and the server does not take it: check the scope, that the login is the one "
    "that "
    "consent was given for, and that the client may open this mailbox by this protocol.";

class Authentication {
  public:
    // `token` may be empty.
    Authentication(LoginDialogue &dialogue, const Account &account, std::string_view token,
                   const std::stop_token &stop)
        : dialogue_(dialogue), account_(account),
          encrypted_(dialogue.encrypted()), credentials_{.login = account.login,
                                                         .password = account.password,
                                                         .token = token,
                                                         .certificate =
                                                             !account.trust.client_certificate.empty(),
                                                         .ticket = account.kerberos,
                                                         .service = dialogue.service(),
                                                         .server = account.host,
                                                         .port = account.port,
                                                         .stop = stop} {}
    Authentication(const Authentication &) = delete;
    Authentication &operator=(const Authentication &) = delete;
    ~Authentication() {
        for (std::string &words : said_)
            wipe(words);
    }

    Result<std::string> run();

  private:
    [[nodiscard]] bool by_token() const { return !credentials_.token.empty(); }
    Result<std::string> with_credentials();
    Result<std::string> without_login();
    // True: signed in. What else came of it is in `meaning_`.
    Result<bool> attempt(Mechanism mechanism);
    Result<bool> prove();
    std::string say(std::string words);

    // Remembers for people why the ticket came to nothing; there may be something else to sign in with.
    Result<bool> without_ticket(const net::SaslExchange &exchange);
    [[nodiscard]] std::string ticket_advice(const std::string &owner) const;

    [[nodiscard]] Error not_proved(Mechanism mechanism) const;
    [[nodiscard]] Error refused() const;
    [[nodiscard]] Error no_ticket() const;
    [[nodiscard]] Error nothing_fits() const;
    [[nodiscard]] Error without_secrets(Error error) const;

    LoginDialogue &dialogue_;
    const Account &account_;
    const bool encrypted_;
    const net::Credentials credentials_;
    bool was_refused_ = false;
    std::optional<Error> ticket_refused_; // why the ticket was not taken, or not shown
    std::string token_refusal_;           // what the server said of the access token, if it did
    Refusal meaning_ = Refusal::of_mechanism;
    std::string failure_;           // why the last attempt was broken off by us, if it was
    std::vector<std::string> said_; // what a server may not repeat to people
};

Result<std::string> Authentication::run() {
    auto signed_in = account_.authenticate ? with_credentials() : without_login();
    if (!signed_in) return without_secrets(std::move(signed_in.error()));
    return signed_in;
}

Result<std::string> Authentication::with_credentials() {
    auto mechanisms = net::mechanisms_for(
        credentials_, [this](std::string_view name) { return dialogue_.offers(name); }, encrypted_);
    const bool provable = !by_token() && !account_.password.empty() && dialogue_.offers_proof();
    const bool proof = provable && !encrypted_;
    const bool hidden = std::ranges::any_of(mechanisms, net::hides_password);
    bool proofs = true;
    for (const Mechanism mechanism : mechanisms) {
        if (!proofs && net::hides_password(mechanism)) continue;
        // Where the protocol's own proof hides the password, no mechanism shows it.
        if (proof && !net::hides_password(mechanism)) continue;
        auto signed_in = attempt(mechanism);
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string(net::name_of(mechanism));
        if (meaning_ == Refusal::of_login) return refused();
        if (meaning_ == Refusal::of_kind) proofs = false;
    }
    if (proof && proofs) {
        auto signed_in = prove();
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string(dialogue_.proof_name());
        if (meaning_ != Refusal::of_mechanism) return refused();
    }
    const bool may_be_seen = encrypted_ || !hidden;
    const bool takes_password =
        !by_token() && !account_.password.empty() && may_be_seen && dialogue_.takes_password();
    if (takes_password) {
        failure_.clear();
        auto signed_in = dialogue_.give_password();
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string(dialogue_.password_name());
        was_refused_ = true;
    }
    // A server that takes nothing else; inside the encryption it is the last resort, as its digest is a weak
    // one.
    if (provable && encrypted_) {
        if (takes_password && dialogue_.meaning(std::nullopt, true) != Refusal::of_mechanism) return refused();
        auto signed_in = prove();
        if (!signed_in) return std::move(signed_in.error());
        if (*signed_in) return std::string(dialogue_.proof_name());
    }
    if (was_refused_ || !failure_.empty()) return refused();
    return ticket_refused_ ? no_ticket() : nothing_fits();
}

Result<std::string> Authentication::without_login() {
    const std::string_view name = net::name_of(Mechanism::anonymous);
    if (!dialogue_.offers(name)) {
        return dialogue_.error(Fault::login_refused, "the server wants a login",
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
            return mechanism == Mechanism::gssapi ? without_ticket(exchange) : Result<bool>(false);
        }
        say(*first);
    }
    bool broken_off = false;
    auto accepted =
        dialogue_.converse(net::name_of(mechanism), first, most_challenges, [&](std::string_view challenge) {
            if (first) return *std::exchange(first, std::nullopt);
            auto words = exchange.answer(challenge);
            broken_off = !words;
            return words ? say(std::move(*words)) : std::string(LoginDialogue::cancel);
        });
    if (!accepted) return std::move(accepted.error());
    if (exchange.impostor() || (*accepted && !exchange.complete())) {
        return not_proved(mechanism);
    }
    if (*accepted) return true;
    if (broken_off) failure_ = exchange.failure();
    token_refusal_ = exchange.refusal();
    meaning_ = dialogue_.meaning(mechanism, exchange.judged());
    if (mechanism == Mechanism::gssapi) return without_ticket(exchange);
    was_refused_ = true;
    return false;
}

Result<bool> Authentication::without_ticket(const net::SaslExchange &exchange) {
    const std::string failure = std::exchange(failure_, {});
    if (const auto &trouble = exchange.ticket_trouble()) {
        ticket_refused_ = dialogue_.error(trouble->fault, "no login by Kerberos", trouble->advice);
        ticket_refused_->server_text = clean_words(trouble->words);
        if (trouble->fault == Fault::cancelled) return *ticket_refused_;
    } else if (!failure.empty()) {
        ticket_refused_ = dialogue_.error(Fault::protocol, "no login by Kerberos");
        ticket_refused_->server_text = failure;
    } else if (meaning_ == Refusal::of_mechanism) {
        ticket_refused_ = dialogue_.refused();
        ticket_refused_->advice = ticket_advice(clean_words(exchange.principal()));
    }
    return false;
}

Result<bool> Authentication::prove() {
    failure_.clear();
    auto accepted = dialogue_.prove();
    if (!accepted || *accepted) return accepted;
    was_refused_ = true;
    meaning_ = dialogue_.meaning(std::nullopt, true);
    return false;
}

std::string Authentication::say(std::string words) {
    said_.push_back(words);
    return words;
}

std::string Authentication::ticket_advice(const std::string &owner) const {
    if (owner.empty())
        return "The server does not take the ticket: its keytab must hold the present key of the service, "
               "and the clocks must agree.";
    return "The server knows " + owner + " by the ticket and does not let it into the mailbox of " +
           clean_words(account_.login) +
           ". Grant that at the server, or enter as Login the name that the server has for the mailbox.";
}

Error Authentication::not_proved(Mechanism mechanism) const {
    if (mechanism != Mechanism::gssapi)
        return dialogue_.error(Fault::untrusted, "the server did not prove that it knows the password",
                               std::string(impostor_advice));
    auto trouble = net::unproved(std::string(dialogue_.service()) + "@" + account_.host);
    return dialogue_.error(trouble.fault, std::move(trouble.words), std::move(trouble.advice));
}

Error Authentication::refused() const {
    if (!failure_.empty()) return dialogue_.error(Fault::protocol, failure_);
    Error error = dialogue_.refused();
    if (ticket_refused_)
        error.advice += " Kerberos was tried before the password: " + ticket_refused_->server_text + ".";
    if (!by_token() || error.fault != Fault::login_refused) return error;
    error.fault = Fault::consent_needed;
    if (!token_refusal_.empty()) error.server_text = clean_words(token_refusal_ + ": " + error.server_text);
    error.advice = token_advice;
    return error;
}

Error Authentication::no_ticket() const {
    Error error = *ticket_refused_;
    if (!account_.password.empty() && !encrypted_)
        error.advice += " The password was not sent: in clear it goes to no server that offers what hides it.";
    return error;
}

Error Authentication::nothing_fits() const {
    const std::string mechanisms = dialogue_.mechanisms();
    if (by_token()) {
        return dialogue_.error(
            Fault::refused, "the server takes no access token here",
            "The server takes only these mechanisms: " + (mechanisms.empty() ? "none" : mechanisms) +
                ". Use a password, or have OAuth 2.0 switched on at the server.");
    }
    if (account_.kerberos && account_.password.empty()) {
        return dialogue_.error(
            Fault::refused, "the server takes no login by Kerberos here",
            "The server takes only these mechanisms: " + (mechanisms.empty() ? "none" : mechanisms) +
                ". Have GSSAPI switched on at the server, or switch Kerberos off and give a password.");
    }
    if (account_.password.empty()) {
        return dialogue_.error(Fault::refused, "the server takes no client certificate as a login here",
                               "Give the password too, or have EXTERNAL switched on at the server.");
    }
    if (!encrypted_) {
        return dialogue_.error(
            Fault::not_encrypted, "the server takes no password here",
            "The server takes passwords over an encrypted connection only: switch encryption on.");
    }
    return dialogue_.error(
        Fault::refused, "the server takes no password here",
        "The server takes only these mechanisms: " + (mechanisms.empty() ? "none" : mechanisms) + ".");
}

// Servers have been seen to repeat the command that they did not understand.
Error Authentication::without_secrets(Error error) const {
    std::vector<std::string> secrets = said_;
    // As it is, and as it looks among cleaned words.
    secrets.emplace_back(credentials_.token);
    secrets.push_back(account_.password);
    secrets.push_back(clean_words(account_.password));
    for (std::string &secret : secrets) {
        error.server_text = strike_out(std::move(error.server_text), secret);
        wipe(secret);
    }
    return error;
}

} // namespace

namespace {

// What servers say that end a connection because its token has lapsed (Exchange Online).
bool tells_of_lapsed_token(const Error &error) {
    return error.server_text.find("AccessTokenExpired") != std::string::npos;
}

// A token may lapse or be revoked before its time: then a fresh one is tried, once.
Result<std::string> authenticate_by_token(LoginDialogue &dialogue, const Account &account,
                                          const std::stop_token &stop) {
    auto token = account.tokens->token({});
    if (!token) return std::move(token.error());
    auto signed_in = Authentication(dialogue, account, token->value, stop).run();
    if (!signed_in &&
        (signed_in.error().fault == Fault::consent_needed || tells_of_lapsed_token(signed_in.error()))) {
        auto fresh = account.tokens->token(token->value);
        wipe(token->value);
        if (!fresh) return std::move(fresh.error());
        // The connection may be gone, then the next one begins with the fresh token.
        if (signed_in.error().fault == Fault::consent_needed)
            signed_in = Authentication(dialogue, account, fresh->value, stop).run();
        wipe(fresh->value);
        return signed_in;
    }
    wipe(token->value);
    return signed_in;
}

} // namespace

Result<std::string> authenticate(LoginDialogue &dialogue, const Account &account, const std::stop_token &stop) {
    if (account.tokens && account.authenticate) return authenticate_by_token(dialogue, account, stop);
    return Authentication(dialogue, account, {}, stop).run();
}

} // namespace roe
