#include "net/http_head.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <exception>
#include <functional>
#include <sstream>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Net/MessageHeader.h>
#include <Poco/String.h>

namespace roe::net {

namespace {

constexpr std::size_t longest_reason = 200;

bool is_printable(char c) {
    return c >= 0x20 && c < 0x7f;
}

// Poco decodes the words of RFC 2047, out of which a line break may come.
bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string printable(std::string_view text) {
    std::string result = Poco::trim(std::string(text.substr(0, longest_reason)));
    std::ranges::replace_if(result, std::not_fn(is_printable), '?');
    return result;
}

// "HTTP/1.1 200 OK". Not by Poco's HTTPResponse, which makes an enumerator of any number.
bool read_status_line(std::string_view line, HttpHead &head) {
    const std::size_t begin = line.find(' ') + 1;
    if (!line.starts_with("HTTP/1.") || begin == 0 || begin + 3 > line.size()) return false;
    const char *end = line.data() + begin + 3;
    const auto parsed = std::from_chars(line.data() + begin, end, head.status);
    if (parsed.ec != std::errc{} || parsed.ptr != end || head.status < 100) return false;
    head.reason = printable(line.substr(begin + 3));
    return true;
}

std::optional<std::chrono::milliseconds> retry_after_in(std::string_view value, WallTime now) {
    constexpr std::int64_t a_day = 24LL * 60 * 60;
    if (value.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    const char *end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, seconds);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        int zone = 0;
        Poco::DateTime time;
        // Poco reads a time in any word.
        if (!value.ends_with("GMT") ||
            !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, std::string(value), time, zone))
            return std::nullopt;
        const auto now_seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
        seconds = time.timestamp().epochTime() - now_seconds.count();
    }
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, a_day));
}

} // namespace

std::string_view HttpHead::field(std::string_view name) const {
    for (const auto &[each, value] : fields)
        if (Poco::icompare(each, std::string(name)) == 0) return value;
    return {};
}

std::string HttpHead::words() const {
    return reason.empty() ? "HTTP status " + std::to_string(status) : std::to_string(status) + " " + reason;
}

std::optional<HttpHead> read_http_head(const std::string &text, WallTime now) {
    HttpHead head;
    const std::size_t line = text.find('\n');
    if (line == std::string::npos) return std::nullopt;
    const std::string_view status_line = std::string_view(text).substr(0, line);
    if (!read_status_line(status_line, head)) return std::nullopt;
    try {
        std::istringstream rest(text.substr(line + 1));
        Poco::Net::MessageHeader fields;
        fields.read(rest);
        for (const auto &[name, value] : fields)
            if (std::ranges::none_of(value, is_control)) head.fields.emplace_back(name, value);
    } catch (const std::exception &) {
        return std::nullopt;
    }
    head.retry_after = retry_after_in(head.field("Retry-After"), now);
    // RFC 9112 §9.3
    const std::string connection = Poco::toLower(std::string(head.field("Connection")));
    head.kept = status_line.starts_with("HTTP/1.0") ? connection.find("keep-alive") != std::string::npos
                                                    : connection.find("close") == std::string::npos;
    return head;
}

} // namespace roe::net
