#include "net/resolver.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace roe::net {
namespace {

Error lookup_error(const std::string &name, std::string words, std::string advice) {
    return Error{.fault = Fault::name_lookup,
                 .step = "dns",
                 .doing = "looking up " + name,
                 .server_text = std::move(words),
                 .advice = std::move(advice)};
}

Error lookup_failed(const std::string &name, int code, int system_error) {
    std::string words = code == EAI_SYSTEM ? std::generic_category().message(system_error) : gai_strerror(code);
    if (code == EAI_AGAIN) {
        return lookup_error(name, std::move(words),
                            "The name server of this machine does not answer at the moment. If this lasts, "
                            "check the machine's DNS settings and its network.");
    }
    return lookup_error(name, std::move(words),
                        "Check the spelling of the server name, and that this machine's DNS knows it.");
}

// RFC 8305 section 4: the families take turns, beginning with the one that the system prefers (RFC 6724), so
// that a dead IPv6 costs one attempt and not as many as the name has addresses.
Addresses alternate(const Addresses &sorted) {
    Addresses preferred;
    Addresses other;
    for (const auto &address : sorted) {
        (address.family() == sorted.front().family() ? preferred : other).push_back(address);
    }
    Addresses mixed;
    for (std::size_t i = 0; i < std::max(preferred.size(), other.size()); ++i) {
        if (i < preferred.size()) mixed.push_back(preferred[i]);
        if (i < other.size()) mixed.push_back(other[i]);
    }
    return mixed;
}

} // namespace

Result<Addresses> system_lookup(const std::string &name) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
    if (code != 0) return lookup_failed(name, code, errno);

    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
    Addresses addresses;
    for (const addrinfo *one = list.get(); one != nullptr; one = one->ai_next) {
        if (one->ai_family == AF_INET) {
            const auto *in = reinterpret_cast<const sockaddr_in *>(one->ai_addr);
            addresses.emplace_back(&in->sin_addr, sizeof in->sin_addr);
        } else if (one->ai_family == AF_INET6) {
            const auto *in = reinterpret_cast<const sockaddr_in6 *>(one->ai_addr);
            addresses.emplace_back(&in->sin6_addr, sizeof in->sin6_addr, in->sin6_scope_id);
        }
    }
    if (addresses.empty()) return lookup_failed(name, EAI_NONAME, 0);
    return alternate(addresses);
}

} // namespace roe::net
