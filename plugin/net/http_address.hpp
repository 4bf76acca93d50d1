// Addresses of the web, as people enter them. [pure]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace roe::net {

struct HttpAddress {
    std::string host;
    std::uint16_t port = 0;
    std::string path; // with the query
    bool encrypted = false;
};

// Of http and https addresses without user information or fragment.
std::optional<HttpAddress> parse_http_address(std::string_view address);

// "server.example", "server.example:8443", "[::1]:80": what the field Host says.
std::string authority_of(const HttpAddress &address);

// This machine itself: what goes there crosses no network.
bool is_loopback(std::string_view host);

} // namespace roe::net
