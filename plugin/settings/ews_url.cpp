#include "settings/ews_url.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace roe::settings {

namespace {

constexpr std::string_view usual_path = "/EWS/Exchange.asmx";

// What else an Exchange server has, by the first part of the path.
constexpr std::array<std::string_view, 10> other_services{
    "ews", "owa", "ecp",      "autodiscover", "mapi",
    "rpc", "oab", "exchange", "powershell",   "microsoft-server-activesync"};

bool begins_with(std::string_view text, std::string_view beginning) {
    return same_word(text.substr(0, beginning.size()), beginning);
}

std::string mended_path(std::string_view path) {
    path = path.substr(0, path.find_first_of("?#"));
    while (path.ends_with('/'))
        path.remove_suffix(1);
    if (path.empty()) return std::string(usual_path);
    const auto first = path.substr(1, path.find('/', 1) - 1);
    const bool services = same_word(path, usual_path);
    const bool other = std::ranges::any_of(other_services, [&](auto name) { return same_word(name, first); });
    return std::string(other && !services ? usual_path : path);
}

std::string written_out(const net::HttpAddress &address) {
    const bool bare_ipv6 = address.host.find(':') != std::string::npos;
    const auto host = bare_ipv6 ? "[" + address.host + "]" : address.host;
    const int usual_port = address.encrypted ? 443 : 80;
    return (address.encrypted ? "https://" : "http://") + host +
           (address.port == usual_port ? "" : ":" + std::to_string(address.port)) + address.path;
}

EwsUrl refused(std::string why) {
    return {{}, {}, std::move(why)};
}

} // namespace

EwsUrl read_ews_url(std::string_view typed) {
    constexpr auto example = "must be the address of the web services, as https://server/EWS/Exchange.asmx";
    if (typed.find_first_of(" \t\"<>\\") != std::string_view::npos) return refused(example);
    std::string text(typed.substr(0, typed.find_first_of("?#")));
    if (const auto scheme = text.find("://"); scheme == std::string::npos)
        text.insert(0, "https://");
    else if (!begins_with(text, "https://") && !begins_with(text, "http://"))
        return refused("must begin with https://, as https://server/EWS/Exchange.asmx");
    const auto host_at = text.find("://") + 3;
    const auto host_end = std::min(text.find('/', host_at), text.size());
    if (const auto at = text.find('@', host_at); at < host_end)
        return refused("must not hold a login: it has a field of its own");
    for (std::size_t i = 0; i < host_end; ++i)
        text[i] = lower(text[i]);
    auto address = net::parse_http_address(text);
    if (!address || address->host.empty()) return refused(example);
    address->path = mended_path(address->path);
    auto url = written_out(*address);
    return {*std::move(address), std::move(url), {}};
}

} // namespace roe::settings
