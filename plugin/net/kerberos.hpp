// The Kerberos ticket of the account that this process runs as, shown to a server by MIT Kerberos: the SASL
// mechanism GSSAPI (RFC 4752), and HTTP's Negotiate (RFC 4559). No password and no key comes in here: the
// library takes what the environment names (KRB5CCNAME, KRB5_CLIENT_KTNAME, KRB5_CONFIG), and a ticket is good
// for the one server only that it was made for. None is ever forwarded.
//
// Both sides prove themselves; what follows is left to TLS, so no security layer is agreed upon.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "net/ticket_trouble.hpp"

namespace roe::net {

class TicketTalk;

// One conversation. [one thread]
class KerberosExchange {
  public:
    // `service` at `server` is to let us in as `login`. `stop` ends waiting for the Kerberos server.
    KerberosExchange(std::string_view service, const std::string &server, std::string_view login,
                     std::stop_token stop);
    ~KerberosExchange();
    KerberosExchange(const KerberosExchange &) = delete;
    KerberosExchange &operator=(const KerberosExchange &) = delete;

    // What to say to a challenge; the first one is empty. Empty: there is no answer, see `trouble`. The
    // first answer waits for the Kerberos server, see TicketTalk::begin.
    std::optional<std::string> answer(std::string_view challenge);

    // All has been said, and the server has proved itself.
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const TicketTrouble &trouble() const { return trouble_; }
    // Whose ticket it is, as ann@EXAMPLE.COM; empty before the server has proved itself.
    [[nodiscard]] const std::string &principal() const { return principal_; }

  private:
    std::optional<std::string> choose_no_layer(const std::string &challenge);
    std::optional<std::string> fail(TicketTrouble trouble);

    const std::string login_;
    const std::stop_token stop_;
    const std::shared_ptr<TicketTalk> talk_;
    bool begun_ = false;
    bool proved_ = false;
    bool complete_ = false;
    std::string principal_;
    TicketTrouble trouble_;
};

// One conversation, in SPNEGO. [one thread]
class SpnegoExchange {
  public:
    // `stop` ends waiting for the Kerberos server.
    SpnegoExchange(std::string_view service, const std::string &server, std::stop_token stop);
    ~SpnegoExchange();
    SpnegoExchange(const SpnegoExchange &) = delete;
    SpnegoExchange &operator=(const SpnegoExchange &) = delete;

    // What to say to a challenge; the first one is empty. It may be nothing, when all has been said. Empty:
    // there is no answer, see `trouble`. The first answer waits for the Kerberos server, see TicketTalk::begin.
    std::optional<std::string> answer(std::string_view challenge);

    // The server has proved itself.
    [[nodiscard]] bool complete() const { return complete_; }
    [[nodiscard]] const TicketTrouble &trouble() const { return trouble_; }
    // Whose ticket it is, as ann@EXAMPLE.COM; empty before the server has proved itself.
    [[nodiscard]] const std::string &principal() const { return principal_; }

  private:
    const std::stop_token stop_;
    const std::shared_ptr<TicketTalk> talk_;
    bool begun_ = false;
    bool complete_ = false;
    std::string principal_;
    TicketTrouble trouble_;
};

} // namespace roe::net
