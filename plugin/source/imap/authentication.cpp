#include "source/imap/authentication.hpp"

#include <optional>
#include <utility>

#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

using net::Mechanism;

constexpr std::string_view refused_advice = "Check login and password. Many providers want IMAP switched on in "
                                            "the mailbox's settings and an application "
                                            "password instead of the usual one.";

// Servers bound a command's line. Tokens of OAuth 2.0 stay below, Kerberos tickets with a user's groups in them
// may not; those are sent when they are asked for.
constexpr std::size_t longest_initial_response = 4096;

class Dialogue final : public LoginDialogue {
  public:
    Dialogue(Session &session, const Account &account)
        : session_(session), account_(account), offered_(session.capabilities()), dialect_(session.dialect()) {}

    [[nodiscard]] std::string_view service() const override { return "imap"; }
    [[nodiscard]] bool encrypted() const override { return session_.stream().encrypted(); }
    [[nodiscard]] bool offers(std::string_view mechanism) const override {
        return offered_.has("AUTH=" + std::string(mechanism));
    }
    [[nodiscard]] std::string mechanisms() const override { return offered_.mechanisms(); }
    Result<bool> converse(std::string_view mechanism, std::optional<std::string> &first, unsigned most,
                          const Reply &reply) override;
    [[nodiscard]] bool takes_password() const override { return !offered_.has("LOGINDISABLED"); }
    [[nodiscard]] std::string_view password_name() const override { return "LOGIN"; }
    Result<bool> give_password() override;
    [[nodiscard]] Refusal meaning(std::optional<Mechanism> mechanism, bool judged) const override {
        return meaning_of(refusal_, mechanism.value(), judged);
    }
    [[nodiscard]] Error refused() const override {
        return session_.refusal(refusal_, Fault::login_refused, std::string(refused_advice));
    }
    [[nodiscard]] Error error(Fault fault, std::string what, std::string advice) const override {
        return session_.error(fault, std::move(what), std::move(advice));
    }

  private:
    Result<bool> outcome(Result<Status> answer);

    Session &session_;
    const Account &account_;
    const Capabilities offered_;
    const Dialect dialect_;
    Status refusal_; // the last one
};

Result<bool> Dialogue::converse(std::string_view mechanism, std::optional<std::string> &first, unsigned most,
                                const Reply &reply) {
    Command command("AUTHENTICATE " + std::string(mechanism));
    if (first && first->size() <= longest_initial_response && offered_.has("SASL-IR")) {
        // "=" is the empty response (RFC 4959 §3).
        command.raw(" ").raw(first->empty() ? "=" : *first);
        first.reset();
    }
    auto answer = session_.converse(command, most, reply);
    command.wipe();
    return outcome(std::move(answer));
}

Result<bool> Dialogue::give_password() {
    Command command("LOGIN", dialect_);
    command.string(account_.login).string(account_.password);
    auto answer = session_.run(command);
    command.wipe();
    return outcome(std::move(answer));
}

Result<bool> Dialogue::outcome(Result<Status> answer) {
    if (!answer) return std::move(answer.error());
    if (answer->condition == Condition::ok) return true;
    refusal_ = std::move(*answer);
    return false;
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
    // The ticket is another's, and its owner may be refused this mailbox: there may still be a password.
    if (mechanism == Mechanism::gssapi) return Refusal::of_mechanism;
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

Result<std::string> authenticate(Session &session, const Account &account, const std::stop_token &stop) {
    Dialogue dialogue(session, account);
    // What is offered before the login may be less than after it (mail.ru, GMX, Exchange).
    session.forget_capabilities();
    return roe::authenticate(dialogue, account, stop);
}

} // namespace roe::imap
