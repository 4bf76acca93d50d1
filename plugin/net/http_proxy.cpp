#include "net/http_proxy.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>

#include "base/ascii.hpp"
#include "net/http_address.hpp"

namespace roe::net {

namespace {

using Poco::Net::IPAddress;

std::string said_by(const HttpProxies::Environment &environment, const char *lower_case,
                    const char *upper_case) {
    for (const char *name : {lower_case, upper_case})
        if (const char *value = environment(name); value != nullptr && *value != '\0') return value;
    return {};
}

// "10.0.0.0/8" and "10.1.2.3"; a host that is a name is in no network.
bool in_network(const std::string &host, const std::string &network) {
    IPAddress address;
    IPAddress base;
    const std::size_t slash = network.find('/');
    if (!IPAddress::tryParse(host, address) || !IPAddress::tryParse(network.substr(0, slash), base) ||
        address.family() != base.family())
        return false;
    if (slash == std::string::npos) return address == base;
    unsigned length = 0;
    const char *end = network.data() + network.size();
    const auto parsed = std::from_chars(network.data() + slash + 1, end, length);
    if (parsed.ec != std::errc{} || parsed.ptr != end || length > address.length() * 8U) return false;
    const IPAddress mask(length, address.family());
    return (address & mask) == (base & mask);
}

bool same_or_below(std::string_view host, std::string_view domain) {
    return host.ends_with(domain) &&
           (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

} // namespace

std::optional<HttpProxy> parse_http_proxy(std::string_view text) {
    const bool clean =
        std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
    if (text.empty() || !clean) return std::nullopt;
    try {
        const std::string whole(text);
        const Poco::URI uri(whole.find("://") == std::string::npos ? "http://" + whole : whole);
        if (uri.getScheme() != "http" || uri.getHost().empty() || uri.getPort() == 0) return std::nullopt;
        if (uri.getPathEtc().size() > 1 || !uri.getFragment().empty()) return std::nullopt;
        HttpProxy proxy{uri.getHost(), uri.getPort(), {}, {}};
        const std::string &user = uri.getUserInfo();
        const std::size_t colon = user.find(':');
        Poco::URI::decode(user.substr(0, colon), proxy.login);
        if (colon != std::string::npos) Poco::URI::decode(user.substr(colon + 1), proxy.password);
        return proxy;
    } catch (const Poco::Exception &) {
        return std::nullopt;
    }
}

HttpProxies::HttpProxies(std::string_view chosen, const Environment &environment) {
    if (chosen == "none") return;
    if (!chosen.empty()) {
        https_ = http_ = parse_http_proxy(chosen);
    } else {
        https_ = parse_http_proxy(said_by(environment, "https_proxy", "HTTPS_PROXY"));
        // In a CGI program a client's field Proxy would be HTTP_PROXY: httpoxy.org.
        const bool by_cgi = environment("REQUEST_METHOD") != nullptr;
        http_ = parse_http_proxy(said_by(environment, "http_proxy", by_cgi ? "http_proxy" : "HTTP_PROXY"));
    }
    const std::string exceptions = lower(said_by(environment, "no_proxy", "NO_PROXY"));
    for (std::size_t at = 0; at < exceptions.size();) {
        const std::size_t end = std::min(exceptions.find_first_of(", \t", at), exceptions.size());
        std::string each = exceptions.substr(at, end - at);
        at = end + 1;
        if (each.starts_with("*.")) each.erase(0, 1);
        if (each.starts_with('.')) each.erase(0, 1);
        if (!each.empty()) exceptions_.push_back(std::move(each));
    }
}

std::optional<HttpProxy> HttpProxies::for_server(const std::string &host, bool encrypted) const {
    const auto &proxy = encrypted ? https_ : http_;
    if (!proxy || is_loopback(host) || excepted(lower(host))) return std::nullopt;
    return proxy;
}

bool HttpProxies::excepted(const std::string &host) const {
    return std::ranges::any_of(exceptions_, [&](const std::string &each) {
        return each == "*" || same_or_below(host, each) || in_network(host, each);
    });
}

HttpProxies::Environment process_environment() {
    return [](const char *name) -> const char * { return std::getenv(name); };
}

} // namespace roe::net
