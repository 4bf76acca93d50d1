#include "source/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>

#include "base/ascii.hpp"
#include "source/utf8.hpp"

namespace roe {

namespace {

constexpr std::size_t longest_words = 300;

bool contains(std::string_view folded, std::string_view word) {
    return folded.find(word) != std::string_view::npos;
}

// Servers older than RFC 5530 tell a passing fault from a refusal by their words only.
constexpr std::array<std::string_view, 6> throttling_words{"THROTTLED",        "TOO MANY",
                                                           "RATE LIMIT",       "BANDWIDTH LIMIT",
                                                           "CONNECTION LIMIT", "MAXIMUM NUMBER OF CONNECTIONS"};
constexpr std::array<std::string_view, 5> passing_words{"TEMPORAR", "TRY AGAIN", "TRY LATER", "INTERNAL ERROR",
                                                        "UNAVAILABLE"};

bool any_of(std::string_view folded, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [folded](std::string_view word) { return contains(folded, word); });
}

} // namespace

std::string clean_words(std::string_view server_text) {
    std::string words;
    bool space = false;
    while (!server_text.empty()) {
        const char32_t c = take_code_point(server_text);
        // C0, DEL, C1, and the bidirectional controls, which could turn a line round on the screen.
        const bool control =
            c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        if (control || c == U' ') {
            space = !words.empty();
            continue;
        }
        if (words.size() >= longest_words) return words + "…";
        if (space) words += ' ';
        space = false;
        append_utf8(words, c);
    }
    return words;
}

std::string strike_out(std::string words, std::string_view secret) {
    if (secret.empty()) return words;
    for (std::size_t at = words.find(secret); at != std::string::npos; at = words.find(secret, at)) {
        words.replace(at, secret.size(), "***");
        at += 3;
    }
    return words;
}

std::optional<Fault> fault_in_words(std::string_view server_text) {
    const std::string text = upper(server_text);
    if (backoff_hint(server_text) || any_of(text, throttling_words)) return Fault::throttled;
    if (any_of(text, passing_words)) return Fault::unreachable;
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> backoff_hint(std::string_view server_text) {
    constexpr std::string_view words = "Suggested Backoff Time:";
    const std::size_t at = server_text.find(words);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view rest = server_text.substr(at + words.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::int64_t value = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    constexpr std::int64_t a_day = 24LL * 60 * 60 * 1000;
    if (parsed.ec != std::errc{} || value < 0) return std::nullopt;
    return std::chrono::milliseconds{std::min(value, a_day)};
}

} // namespace roe
