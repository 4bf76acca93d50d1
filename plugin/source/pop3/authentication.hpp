// The login to a POP3 server: AUTH, APOP in clear, then USER and PASS. Nothing is ever sent along with a part
// of it: servers that offer PIPELINING have been seen to lose what came with PASS.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "net/sasl.hpp"
#include "source/authentication.hpp"
#include "source/pop3/session.hpp"

namespace roe::pop3 {

// Signs in and gives the name of the mechanism, for people. No error holds the password or what was sent for
// it.
Result<std::string> authenticate(Session &session, const Account &account, const std::stop_token &stop);

// What a -ERR means to AUTH, or to APOP (no mechanism). `judged`: the server had been sent what it can judge
// the password by. [pure]
Refusal meaning_of(const Status &status, std::optional<net::Mechanism> mechanism, bool judged);

} // namespace roe::pop3
