// The login itself, whatever the protocol: the mechanisms that the server offers, the best first, then the
// protocol's own command for a password.
//
// A password that is wrong must cost one failed login and not one for each mechanism, as accounts get locked.
// So what a refusal means decides whether there is a next attempt; only the protocol can tell.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/sasl.hpp"
#include "source/account.hpp"

namespace roe {

enum class Refusal : std::uint8_t {
    of_mechanism, // nothing was said of the password: the next mechanism
    of_kind,  // the server has nothing to hold such a mechanism's proof against: only the password itself is
              // left
    of_login, // the end: the password, the account, or the server's state
};

// What a protocol brings to a login. Attempts are true when the server let us in; else the dialogue remembers
// how it refused.
class LoginDialogue {
  public:
    virtual ~LoginDialogue() = default;

    [[nodiscard]] virtual std::string_view service() const = 0; // "imap"
    [[nodiscard]] virtual bool encrypted() const = 0;
    [[nodiscard]] virtual bool offers(std::string_view mechanism) const = 0;
    [[nodiscard]] virtual std::string mechanisms() const = 0; // for people: "PLAIN, SCRAM-SHA-256"

    // Names the mechanism and sends back what `reply` makes of each challenge, at most `most` times. `first` is
    // taken away if it goes along; else `reply` gives it when it is asked for.
    using Reply = std::function<std::string(std::string_view challenge)>;
    virtual Result<bool> converse(std::string_view mechanism, std::optional<std::string> &first, unsigned most,
                                  const Reply &reply) = 0;
    // What breaks a conversation off.
    static constexpr std::string_view cancel = "*";

    // A proof of the password that is the protocol's own (APOP), for connections in clear.
    [[nodiscard]] virtual bool offers_proof() const { return false; }
    [[nodiscard]] virtual std::string_view proof_name() const { return {}; }
    virtual Result<bool> prove() { return false; }

    // The protocol's own command for the password itself.
    [[nodiscard]] virtual bool takes_password() const = 0;
    [[nodiscard]] virtual std::string_view password_name() const = 0;
    virtual Result<bool> give_password() = 0;

    // What the last refusal means. `judged`: the server had been sent what it can judge the password by; no
    // mechanism: it was the protocol's own proof.
    [[nodiscard]] virtual Refusal meaning(std::optional<net::Mechanism> mechanism, bool judged) const = 0;
    // The last refusal in words.
    [[nodiscard]] virtual Error refused() const = 0;
    [[nodiscard]] virtual Error error(Fault fault, std::string what, std::string advice = {}) const = 0;
};

// Signs in and gives the name of the mechanism, for people. No error holds the password or what was sent for
// it. `stop` ends waiting for others than the server, which the stream's own `cancel` does.
Result<std::string> authenticate(LoginDialogue &dialogue, const Account &account, const std::stop_token &stop);

} // namespace roe
