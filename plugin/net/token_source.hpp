// Where a login gets its access token from.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::net {

struct AccessToken {
    std::string value; // wiped by whoever got it
    WallTime renew_at{};
};

class TokenSource {
  public:
    virtual ~TokenSource() = default;

    // One that has not lapsed; a new one if it is `refused`, the one that a server did not take.
    virtual Result<AccessToken> token(std::string_view refused) = 0;

    // [any thread] Breaks the call that is under way and every later one: Fault::cancelled.
    virtual void cancel() = 0;
};

} // namespace roe::net
