// From addresses to a connection: the first that answers wins (RFC 8305, "happy eyeballs").
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include <Poco/Net/StreamSocket.h>

#include "net/resolver.hpp"

namespace roe::net {

// Tries the addresses in their order, the next one when the one before has failed or has been silent for a
// moment. `peer` is how people know the server: "imap.example.com:993". The socket is non-blocking.
Result<Poco::Net::StreamSocket> dial(const Addresses &addresses, std::uint16_t port, const std::string &peer,
                                     SteadyTime deadline, const std::stop_token &stop);

} // namespace roe::net
