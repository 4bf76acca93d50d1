#include "source/pop3/response.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/ascii.hpp"
#include "source/words.hpp"

namespace roe::pop3 {

namespace {

constexpr std::array<std::string_view, 9> lock_words{
    "IN USE",          "LOCK BUSY",          "ALREADY LOCKED", "IS LOCKED BY",     "ANOTHER SESSION",
    "ANOTHER PROCESS", "ANOTHER CONNECTION", "OBTAIN LOCK",    "ALREADY CONNECTED"};
constexpr std::array<std::string_view, 4> lockable{"MAILBOX", "MAILDROP", "MAIL DROP", "SPOOL"};
constexpr std::array<std::string_view, 4> busy{"LOCKED", "UNABLE TO LOCK", "CAN'T LOCK", "BUSY"};
constexpr std::array<std::string_view, 7> unknown_words{"UNKNOWN",       "UNRECOGNI",       "UNSUPPORTED",
                                                        "NOT SUPPORTED", "NOT IMPLEMENTED", "INVALID COMMAND",
                                                        "BAD COMMAND"};

bool says_any(std::string_view folded, std::span<const std::string_view> words) {
    return std::ranges::any_of(
        words, [folded](std::string_view word) { return folded.find(word) != std::string_view::npos; });
}

std::string_view without_spaces(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool is_code(std::string_view text) {
    constexpr std::size_t longest_code = 64;
    return !text.empty() && text.size() <= longest_code && std::ranges::all_of(text, [](char c) {
        return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '/' ||
               c == '_';
    });
}

} // namespace

std::optional<Status> parse_status(std::string_view line) {
    Status status;
    if (same_word(line.substr(0, 3), "+OK"))
        status.ok = true;
    else if (!same_word(line.substr(0, 4), "-ERR"))
        return std::nullopt;
    line.remove_prefix(status.ok ? 3 : 4);
    // "+OKAY" is no status of any server; what follows without a space may still be its text.
    line = without_spaces(line);
    if (line.starts_with('[')) {
        const std::size_t end = line.find(']');
        // The code may have more words: only the first is its name.
        const std::string_view inside = line.substr(1, end == std::string_view::npos ? 0 : end - 1);
        const std::string_view name = inside.substr(0, inside.find(' '));
        if (is_code(name)) {
            status.code = upper(name);
            line = without_spaces(line.substr(end + 1));
        }
    }
    status.text = line;
    return status;
}

std::optional<std::string_view> parse_challenge(std::string_view line) {
    if (!line.starts_with('+') || (line.size() > 1 && line[1] != ' ')) return std::nullopt;
    return without_spaces(line.substr(1));
}

std::optional<Numbered> parse_numbered(std::string_view line) {
    line = without_spaces(line);
    Numbered numbered;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), numbered.number);
    if (parsed.ec != std::errc{} || numbered.number == 0) return std::nullopt;
    const auto digits = static_cast<std::size_t>(parsed.ptr - line.data());
    if (digits < line.size() && line[digits] != ' ' && line[digits] != '\t') return std::nullopt;
    numbered.rest = without_spaces(line.substr(digits));
    return numbered;
}

std::int64_t parse_size(std::string_view words) {
    std::int64_t size = 0;
    const auto parsed = std::from_chars(words.data(), words.data() + words.size(), size);
    const bool ends = parsed.ptr == words.data() + words.size() || *parsed.ptr == ' ';
    return parsed.ec == std::errc{} && ends && size > 0 ? size : 0;
}

std::string timestamp_in(std::string_view greeting) {
    constexpr std::size_t longest_timestamp = 512;
    const std::size_t begin = greeting.find('<');
    if (begin == std::string_view::npos) return {};
    const std::size_t end = greeting.find('>', begin);
    if (end == std::string_view::npos || end - begin >= longest_timestamp) return {};
    const std::string_view stamp = greeting.substr(begin, end - begin + 1);
    // RFC 1939 has it in the form of a Message-ID; anything goes that a hostile server could use to find
    // collisions of MD5 (RFC 6151, CVE-2007-1558), unless it is held to that form.
    const bool printable = std::ranges::all_of(stamp, [](char c) { return c > ' ' && c < 0x7f; });
    return printable && stamp.find('@') != std::string_view::npos ? std::string(stamp) : std::string();
}

std::string words_of(const Status &status) {
    return clean_words(status.code.empty() ? status.text : '[' + status.code + "] " + status.text);
}

bool is_locked(const Status &status) {
    if (status.ok) return false;
    if (!status.code.empty()) return status.code == "IN-USE";
    const std::string text = upper(status.text);
    // "Account locked" is about the account, and is not to be tried again by itself.
    if (text.find("ACCOUNT") != std::string::npos) return false;
    return says_any(text, lock_words) || (says_any(text, lockable) && says_any(text, busy));
}

bool is_unknown_command(const Status &status) {
    return !status.ok && status.code.empty() && says_any(upper(status.text), unknown_words);
}

Fault fault_of(const Status &status, Fault otherwise) {
    if (status.code == "LOGIN-DELAY" || is_locked(status)) return Fault::throttled;
    if (status.code == "SYS/TEMP") return Fault::unreachable;
    if (status.code == "AUTH" || status.code == "SYS/PERM") return otherwise;
    return fault_in_words(status.text).value_or(otherwise);
}

} // namespace roe::pop3
