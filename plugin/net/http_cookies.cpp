#include "net/http_cookies.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <Poco/DateTime.h>
#include <Poco/DateTimeParser.h>

#include "base/ascii.hpp"
#include "base/wipe.hpp"

namespace roe::net {

namespace {

constexpr std::size_t most_cookies = 32;
constexpr std::size_t longest_cookie = 4096; // RFC 6265 §6.1

std::string_view cookie_trimmed(std::string_view text) {
    constexpr std::string_view space = " \t";
    const std::size_t begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

// "name=value", each without the space around it.
std::pair<std::string_view, std::string_view> cookie_pair(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return {cookie_trimmed(text), {}};
    return {cookie_trimmed(text.substr(0, equals)), cookie_trimmed(text.substr(equals + 1))};
}

// Nothing in it can end the field or the cookie.
bool fit_for_cookie(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

// RFC 6265 §5.1.4
std::string default_path(std::string_view request) {
    request = request.substr(0, request.find('?'));
    const std::size_t last = request.rfind('/');
    return last == std::string_view::npos || last == 0 ? "/" : std::string(request.substr(0, last));
}

bool path_matches(std::string_view request, std::string_view path) {
    request = request.substr(0, request.find('?'));
    if (!request.starts_with(path)) return false;
    return request.size() == path.size() || path.ends_with('/') || request[path.size()] == '/';
}

WallTime expiry(std::string_view value, WallTime now) {
    int zone = 0;
    Poco::DateTime time;
    if (!Poco::DateTimeParser::tryParse(std::string(value), time, zone)) return WallTime::max();
    time.makeUTC(zone);
    return time.timestamp().epochTime() <= std::chrono::system_clock::to_time_t(now) ? WallTime::min()
                                                                                     : WallTime::max();
}

WallTime max_age(std::string_view value, WallTime now) {
    constexpr std::int64_t a_year = 366LL * 24 * 60 * 60;
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (parsed.ec != std::errc{}) return WallTime::max();
    return seconds <= 0 ? WallTime::min() : now + std::chrono::seconds(std::min(seconds, a_year));
}

} // namespace

HttpCookies::~HttpCookies() {
    for (Cookie &cookie : cookies_)
        wipe(cookie.value);
}

void HttpCookies::take(const HttpFields &fields, std::string_view path, WallTime now) {
    for (const auto &[name, value] : fields)
        if (same_word(name, "Set-Cookie")) take_one(value, path, now);
}

// RFC 6265 §5.2. Attributes that could only widen where it goes (Domain) are not looked at.
void HttpCookies::take_one(std::string_view set, std::string_view path, WallTime now) {
    const auto next = [&set] {
        const std::size_t end = set.find(';');
        const std::string_view part = set.substr(0, end);
        set.remove_prefix(end == std::string_view::npos ? set.size() : end + 1);
        return cookie_pair(part);
    };
    const auto [name, value] = next();
    Cookie cookie{std::string(name), std::string(value), default_path(path)};
    bool aged = false;
    while (!set.empty()) {
        const auto [attribute, said] = next();
        if (same_word(attribute, "Path")) {
            if (said.starts_with('/')) cookie.path = said;
        } else if (same_word(attribute, "Max-Age")) {
            cookie.until = max_age(said, now);
            aged = true;
        } else if (same_word(attribute, "Expires") && !aged) {
            cookie.until = expiry(said, now);
        }
    }
    const bool fits = !name.empty() && name.size() + value.size() + cookie.path.size() <= longest_cookie &&
                      fit_for_cookie(name) && fit_for_cookie(value);
    if (!fits) return;
    std::erase_if(cookies_, [&](const Cookie &each) {
        return (each.name == cookie.name && each.path == cookie.path) || each.until <= now;
    });
    if (cookie.until <= now) return;
    if (cookies_.size() == most_cookies) cookies_.erase(cookies_.begin());
    cookies_.push_back(std::move(cookie));
}

std::string HttpCookies::for_path(std::string_view path, WallTime now) const {
    std::string field;
    for (const Cookie &cookie : cookies_) {
        if (cookie.until <= now || !path_matches(path, cookie.path)) continue;
        if (!field.empty()) field += "; ";
        field += cookie.name + "=" + cookie.value;
    }
    return field;
}

} // namespace roe::net
