// The login to an IMAP server: AUTHENTICATE, then LOGIN.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "net/sasl.hpp"
#include "source/authentication.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {

// Signs in and gives the name of the mechanism, for people. No error holds the password or what was sent for
// it.
Result<std::string> authenticate(Session &session, const Account &account, const std::stop_token &stop);

// What a NO or BAD to AUTHENTICATE means (RFC 5530 §3). `judged`: the server had been sent what it can judge
// the password by. [pure]
Refusal meaning_of(const Status &status, net::Mechanism mechanism, bool judged);

} // namespace roe::imap
