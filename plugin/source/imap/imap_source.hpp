// The front door: a folder on an IMAP server as a MailSource.
//
// Whatever the server offers is used and nothing is required but RFC 3501: IDLE, UIDPLUS, ESEARCH, LITERAL+,
// SASL-IR, ENABLE UTF8=ACCEPT, ID. Mail is only ever looked at with BODY.PEEK; flags change in `dispose` alone.
//
// A mail that exists although the server gives no header for it, whatever we ask, is handed out with
// `header_withheld` set: passed over it must not be, and it must not block the others.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "net/step_observer.hpp"
#include "net/stream.hpp"
#include "source/imap/limits.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

enum class Security : std::uint8_t {
    plain,           // never encrypted
    opportunistic,   // STARTTLS if offered
    starttls,        // STARTTLS or failure
    tls,             // TLS from the first byte
    tls_or_starttls, // TLS from the first byte; if the server talks plain text, STARTTLS on a new connection
};

struct Account {
    std::string host;
    std::uint16_t port = 143;
    Security security = Security::starttls;
    bool authenticate = true;
    std::string login;
    std::string password; // held until the login is done, then overwritten
    std::string folder = "INBOX";
    net::Trust trust;
};

// `observer` may be null; else it outlives the source.
std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, Limits limits = {},
                                        net::StepObserver *observer = nullptr);

} // namespace roe::imap
