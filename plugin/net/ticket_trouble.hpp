// What goes wrong with Kerberos tickets, in words for people. Pure. [any thread]
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace roe::net {

struct TicketTrouble {
    // refused: there may be a ticket later. unreachable, timed_out: the Kerberos server. login_refused: it
    // refused the account, and asking again may lock it. untrusted: the mail server's proof is wrong.
    // protocol: what the mail server says makes no sense. cancelled: nobody wants to know any more.
    Fault fault = Fault::refused;
    std::string words;
    std::string advice;
};

// A failure of the library: `major` and `minor` are GSSAPI's (RFC 2743), `words` the library's own. `service`
// is what the ticket was to be for, as imap@mail.example.com.
TicketTrouble ticket_trouble(std::uint32_t major, std::uint32_t minor, std::string words,
                             const std::string &service);

TicketTrouble kerberos_is_silent();
// The server said yes, or was about to, without having shown that it is the service.
TicketTrouble unproved(const std::string &service);

} // namespace roe::net
