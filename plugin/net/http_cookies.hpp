// The cookies of one server for one user (RFC 6265), such as those that keep a client at the same machine
// behind a load balancer. They live as long as the client, and go to no other host. [pure]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "net/http_head.hpp"

namespace roe::net {

class HttpCookies {
  public:
    ~HttpCookies();
    HttpCookies() = default;
    HttpCookies(const HttpCookies &) = delete;
    HttpCookies &operator=(const HttpCookies &) = delete;

    // What an answer to a request for `path` sets. Cookies that are too long are passed over, and of too many
    // the oldest go.
    void take(const HttpFields &fields, std::string_view path, WallTime now);
    // The field Cookie for a request for `path`; empty: there is nothing to send.
    [[nodiscard]] std::string for_path(std::string_view path, WallTime now) const;

  private:
    struct Cookie {
        std::string name;
        std::string value;
        std::string path;
        WallTime until = WallTime::max();
    };

    void take_one(std::string_view set, std::string_view path, WallTime now);

    std::vector<Cookie> cookies_;
};

} // namespace roe::net
