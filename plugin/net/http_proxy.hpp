// Through which proxy a web server is reached: the administrator's choice, else what the environment says
// (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, also in lower case, which counts first). [pure]
//
// Proxies are spoken to in clear, as is usual; what goes to an https server is encrypted inside the tunnel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roe::net {

struct HttpProxy {
    std::string host;
    std::uint16_t port = 0;
    std::string login; // empty: it wants none
    std::string password;
};

// "http://user:password@proxy.example:3128", the scheme and the user may be missing. Empty: it is none.
std::optional<HttpProxy> parse_http_proxy(std::string_view text);

class HttpProxies {
  public:
    using Environment = std::function<const char *(const char *name)>;

    // None at all.
    HttpProxies() = default;
    // `chosen`: the administrator's; empty: the environment's; "none": no proxy, whatever the environment says.
    // NO_PROXY counts in any case. What can't be read as a proxy is passed over.
    HttpProxies(std::string_view chosen, const Environment &environment);

    // Empty: directly. This machine itself is always reached so.
    [[nodiscard]] std::optional<HttpProxy> for_server(const std::string &host, bool encrypted) const;

  private:
    [[nodiscard]] bool excepted(const std::string &host) const;

    std::optional<HttpProxy> https_;
    std::optional<HttpProxy> http_;
    std::vector<std::string> exceptions_; // "example.com" for it and what is below, "10.0.0.0/8", "*"
};

// The environment of the process.
HttpProxies::Environment process_environment();

} // namespace roe::net
