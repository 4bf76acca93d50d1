// Told of each step from a host's name to a mailbox that is signed in, as soon as it is done: for the
// connection test. What fails is told by the error of the call instead, and by its step.
//
// Called by the thread that connects, which waits meanwhile. A server that is connected to twice (STARTTLS
// after TLS turned out to be wrong) has its steps told twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/stream.hpp"

namespace roe::net {

class StepObserver {
  public:
    virtual ~StepObserver() = default;

    virtual void resolved(const std::vector<std::string> &addresses) = 0;
    virtual void connected(const std::string &address) = 0;
    // The server has said its first words.
    virtual void greeted() = 0;
    virtual void encrypted(const TlsFacts &facts) = 0;
    // The handshake ended because of this certificate.
    virtual void distrusted(const TlsFacts &facts) = 0;
    // The login is about to cross the network in clear.
    virtual void in_clear(bool encryption_offered) = 0;
    // An access token is there to sign in with.
    virtual void authorized(const std::string &endpoint, WallTime renew_at) = 0;
    virtual void signed_in(std::string_view mechanism) = 0;
};

} // namespace roe::net
