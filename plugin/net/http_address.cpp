#include "net/http_address.hpp"

#include <algorithm>

#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>

namespace roe::net {

std::optional<HttpAddress> parse_http_address(std::string_view address) {
    const bool clean = std::ranges::none_of(
        address, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
    if (!clean) return std::nullopt;
    try {
        const Poco::URI uri{std::string(address)};
        HttpAddress result;
        result.encrypted = uri.getScheme() == "https";
        if (!result.encrypted && uri.getScheme() != "http") return std::nullopt;
        if (uri.getHost().empty() || !uri.getUserInfo().empty() || !uri.getFragment().empty())
            return std::nullopt;
        result.host = uri.getHost();
        result.port = uri.getPort();
        result.path = uri.getPathEtc().empty() ? "/" : uri.getPathEtc();
        const bool named = result.host.find_first_of(" \t\r\n/@\\?#\"'<>") == std::string::npos;
        if (result.port == 0 || !named) return std::nullopt;
        return result;
    } catch (const Poco::Exception &) {
        return std::nullopt;
    }
}

std::string authority_of(const HttpAddress &address) {
    const std::string host =
        address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
    return address.port == (address.encrypted ? 443 : 80) ? host : host + ":" + std::to_string(address.port);
}

bool is_loopback(std::string_view host) {
    Poco::Net::IPAddress literal;
    if (Poco::Net::IPAddress::tryParse(std::string(host), literal)) return literal.isLoopback();
    return host == "localhost";
}

} // namespace roe::net
