// How to get at a mailbox, whatever the protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/stream.hpp"
#include "net/token_source.hpp"

namespace roe {

enum class Security : std::uint8_t {
    plain,           // never encrypted
    opportunistic,   // upgraded (STARTTLS, STLS) if offered
    starttls,        // upgraded or failure
    tls,             // TLS from the first byte
    tls_or_starttls, // TLS from the first byte; if the server talks plain text, upgraded on a new one
};

// What only an Exchange server is told.
struct ExchangeMailbox {
    std::string path;         // of its web services: "/EWS/Exchange.asmx"
    std::string address;      // of the mailbox
    bool by_address = false;  // its folders are named with the address, as the login may be somebody else's
    bool impersonate = false; // the login acts as the mailbox's owner
};

struct Account {
    std::string host;
    std::uint16_t port = 143;
    Security security = Security::starttls;
    bool authenticate = true;
    std::string login;
    std::string password;                               // held until the login is done, then overwritten
    std::shared_ptr<net::TokenSource> tokens = nullptr; // OAuth 2.0, instead of the password; may be null
    bool kerberos = false; // the ticket of the account that we run as is shown first
    std::string folder = "INBOX";
    net::Trust trust;
    ExchangeMailbox exchange{};
};

} // namespace roe
