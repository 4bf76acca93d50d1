// SASL mechanisms (RFC 4422) by GNU SASL, and Kerberos: which to use, and the conversation of one of them. What
// a server's yes and no mean is each protocol's own.
//
// No channel binding (the -PLUS mechanisms): the server's certificate is verified or pinned before any
// mechanism begins, and among the servers that this is tested with none offers it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "net/ticket_trouble.hpp"

namespace roe::net {

class KerberosExchange;

enum class Mechanism : std::uint8_t {
    oauthbearer, // an access token is the login
    xoauth2,
    gssapi,   // a Kerberos ticket is the login
    external, // the client certificate is the login
    scram_sha_256,
    scram_sha_1,
    digest_md5,
    cram_md5,
    plain,
    login,
    anonymous,
};

std::string_view name_of(Mechanism mechanism);

// The password can't be read off what is sent.
bool hides_password(Mechanism mechanism);

// Views: the password stays where it is and is wiped there.
struct Credentials {
    std::string_view login;
    std::string_view password;  // empty: there is none
    std::string_view token{};   // an access token; instead of a password
    bool certificate = false;   // a client certificate was shown when the connection was encrypted
    bool ticket = false;        // the Kerberos ticket of the account that we run as is to be shown
    std::string_view service{}; // "imap"
    std::string_view server{};  // as the person named it
    std::uint16_t port = 0;
    std::stop_token stop{}; // ends what takes long
};

// Those of the mechanisms offered that are to be tried, the best first.
//
// In clear a password goes only to a server that offers nothing that hides it. Over TLS, where nobody reads
// along, PLAIN goes before the MD5 mechanisms: those are no secret any more (RFC 6331), and servers that keep
// passwords hashed offer them without being able to do them.
//
// Who has an access token has nothing else to show; a ticket is shown before anything else.
std::vector<Mechanism> mechanisms_for(const Credentials &credentials,
                                      const std::function<bool(std::string_view name)> &offered,
                                      bool encrypted);

// One attempt to sign in with one mechanism. Challenges may be any bytes: they are bounded in size and in the
// work that they ask for.
class SaslExchange {
  public:
    SaslExchange(Mechanism mechanism, const Credentials &credentials);
    ~SaslExchange();
    SaslExchange(const SaslExchange &) = delete;
    SaslExchange &operator=(const SaslExchange &) = delete;

    // Its first answer is to an empty challenge, and may go along with the command that names the mechanism.
    [[nodiscard]] bool client_begins() const;

    // What to answer to a challenge, both in Base64. Empty: there is no answer, break the attempt off.
    std::optional<std::string> answer(std::string_view challenge);
    // Why there was none.
    [[nodiscard]] const std::string &failure() const { return failure_; }

    // The server has been sent what it can judge the password by.
    [[nodiscard]] bool judged() const;
    // All of the conversation has taken place. Before that a server's yes is worth nothing: where the mechanism
    // makes the server prove that it knows the password, it has not.
    [[nodiscard]] bool complete() const { return complete_; }
    // What was wrong with the Kerberos ticket, when the attempt was broken off for it.
    [[nodiscard]] const std::optional<TicketTrouble> &ticket_trouble() const { return ticket_trouble_; }
    // Whose Kerberos ticket it is, as ann@EXAMPLE.COM; empty before the server has proved itself.
    [[nodiscard]] std::string principal() const;
    // Why an access token was not taken, as far as the server has said; for people.
    [[nodiscard]] const std::string &refusal() const { return refusal_; }
    // The server's proof was wrong: it does not know the password.
    [[nodiscard]] bool impostor() const { return impostor_; }

  private:
    struct Library;

    std::optional<std::string> fail(std::string why);
    std::optional<std::string> answer_as_bearer(std::string_view challenge);
    std::optional<std::string> answer_by_ticket(std::string_view challenge);
    // Refuses what would cost too much, and learns what the answer depends on.
    bool examine(std::string_view challenge);
    void choose_realm(std::string_view challenge);

    Mechanism mechanism_;
    std::string login_;
    std::unique_ptr<Library> library_;
    std::string bearer_; // what there is to say with an access token
    std::string refusal_;
    std::unique_ptr<KerberosExchange> kerberos_;
    std::optional<TicketTrouble> ticket_trouble_;
    int answers_ = 0;
    bool complete_ = false;
    bool impostor_ = false;
    std::string failure_;
};

} // namespace roe::net
