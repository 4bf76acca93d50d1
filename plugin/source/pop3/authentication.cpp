#include "source/pop3/authentication.hpp"

#include <array>
#include <utility>

#include <openssl/evp.h>

#include "base/wipe.hpp"

namespace roe::pop3 {

namespace {

using net::Mechanism;

constexpr std::string_view refused_advice = "Check login and password. Many providers want POP3 switched on in "
                                            "the mailbox's settings and an application password instead of the "
                                            "usual one.";

std::string md5_hex(const std::string &text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_md5(), nullptr);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) {
        hex += digits[hash.at(i) >> 4U];
        hex += digits[hash.at(i) & 0x0fU];
    }
    return hex;
}

bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

class Dialogue final : public LoginDialogue {
  public:
    Dialogue(Session &session, const Account &account) : session_(session), account_(account) {}

    [[nodiscard]] std::string_view service() const override { return "pop"; }
    [[nodiscard]] bool encrypted() const override { return session_.stream().encrypted(); }
    [[nodiscard]] bool offers(std::string_view mechanism) const override {
        return session_.capabilities().has_mechanism(mechanism);
    }
    [[nodiscard]] std::string mechanisms() const override { return session_.capabilities().mechanisms(); }
    Result<bool> converse(std::string_view mechanism, std::optional<std::string> &first, unsigned most,
                          const Reply &reply) override;

    [[nodiscard]] bool offers_proof() const override { return !session_.timestamp().empty(); }
    [[nodiscard]] std::string_view proof_name() const override { return "APOP"; }
    Result<bool> prove() override;

    [[nodiscard]] bool takes_password() const override;
    [[nodiscard]] std::string_view password_name() const override { return "USER and PASS"; }
    Result<bool> give_password() override;

    [[nodiscard]] Refusal meaning(std::optional<Mechanism> mechanism, bool judged) const override {
        return meaning_of(refusal_, mechanism, judged);
    }
    [[nodiscard]] Error refused() const override {
        return session_.refusal(refusal_, Fault::login_refused, std::string(refused_advice));
    }
    [[nodiscard]] Error error(Fault fault, std::string what, std::string advice) const override {
        return session_.error(fault, std::move(what), std::move(advice));
    }

  private:
    // Sends a command that may hold a secret.
    Result<bool> say(std::string command);
    Result<bool> outcome(Result<Status> answer);

    Session &session_;
    const Account &account_;
    Status refusal_; // the last one
};

// Without the initial response of RFC 5034, which servers of RFC 1734 take for a mistake; it would save a round
// trip.
Result<bool> Dialogue::converse(std::string_view mechanism, std::optional<std::string> &, unsigned most,
                                const Reply &reply) {
    return outcome(session_.converse("AUTH " + std::string(mechanism), most, reply));
}

Result<bool> Dialogue::prove() {
    std::string secret = session_.timestamp() + account_.password;
    std::string command = "APOP " + account_.login + " " + md5_hex(secret);
    wipe(secret);
    return say(std::move(command));
}

// A server without CAPA, or whose list names no way in at all, still knows USER.
bool Dialogue::takes_password() const {
    if (!session_.capabilities_known() || session_.has("USER")) return true;
    const bool wants_encryption = !encrypted() && session_.has("STLS");
    return mechanisms().empty() && !wants_encryption;
}

Result<bool> Dialogue::give_password() {
    auto known = say("USER " + account_.login);
    if (!known || !*known) return known;
    return say("PASS " + account_.password);
}

Result<bool> Dialogue::say(std::string command) {
    if (!is_one_line(command)) {
        wipe(command);
        return session_.error(Fault::refused, "a login or password holds a line break");
    }
    auto answer = session_.run(command);
    wipe(command);
    return outcome(std::move(answer));
}

Result<bool> Dialogue::outcome(Result<Status> answer) {
    if (!answer) return std::move(answer.error());
    if (answer->ok) return true;
    refusal_ = std::move(*answer);
    return false;
}

} // namespace

Refusal meaning_of(const Status &status, std::optional<Mechanism> mechanism, bool judged) {
    // Locked, delayed or failing: no other mechanism changes that.
    if (status.code == "SYS/PERM" || fault_of(status, Fault::login_refused) != Fault::login_refused)
        return Refusal::of_login;
    if (is_unknown_command(status)) return Refusal::of_mechanism;
    // The certificate or the ticket was refused; there may still be a password.
    if (mechanism == Mechanism::external || mechanism == Mechanism::gssapi) return Refusal::of_mechanism;
    if (judged) return Refusal::of_login;
    // Refused before the password came in: no such account, or its password is kept in a form that such a
    // mechanism can't be done with (Dovecot).
    return status.code == "AUTH" ? Refusal::of_kind : Refusal::of_mechanism;
}

Result<std::string> authenticate(Session &session, const Account &account, const std::stop_token &stop) {
    Dialogue dialogue(session, account);
    return roe::authenticate(dialogue, account, stop);
}

} // namespace roe::pop3
