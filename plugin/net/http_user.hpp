// Who signs in to a web server, and with what.
#pragma once

#include <memory>
#include <string>

#include "net/token_source.hpp"

namespace roe::net {

// The secrets are wiped when the client goes.
struct HttpUser {
    bool authenticate = true; // false: nothing is sent, ever; a 401 is then an answer like any other
    std::string login{};      // DOMAIN\user, user@domain or user
    std::string password{};   // empty: there is none
    std::shared_ptr<TokenSource> tokens = nullptr; // OAuth 2.0, instead of the password; may be null
    bool kerberos = false; // the ticket of the account that we run as (Negotiate), before the password
    bool in_clear = false; // a token, or a password that can be read, may cross an unencrypted connection
};

} // namespace roe::net
