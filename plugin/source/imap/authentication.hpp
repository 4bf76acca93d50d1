// The login itself: AUTHENTICATE with the mechanisms that the server offers, the best first, then LOGIN.
//
// A password that is wrong must cost one failed login and not one for each mechanism, as accounts get locked.
// So what a refusal means (RFC 5530 §3) decides whether there is a next attempt; see `meaning_of`.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "net/sasl.hpp"
#include "source/imap/imap_source.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {

// Signs in and gives the name of the mechanism, for people. No error holds the password or what was sent for
// it.
Result<std::string> authenticate(Session &session, const Account &account);

enum class Refusal : std::uint8_t {
    of_mechanism, // nothing was said of the password: the next mechanism
    of_kind,  // the server has nothing to hold such a mechanism's proof against: only the password itself is
              // left
    of_login, // the end: the password, the account, or the server's state
};

// What a NO or BAD to AUTHENTICATE means. `judged`: the server had been sent what it can judge the password by.
// [pure]
Refusal meaning_of(const Status &status, net::Mechanism mechanism, bool judged);

} // namespace roe::imap
