#include "ledger/sql/storable.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

namespace roe::ledger::sql {
namespace {

// Length of the valid sequence that starts here, 0 when there is none. RFC 3629 §4: no overlong forms, no
// surrogates, nothing above U+10FFFF.
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const auto tail = [&](std::size_t at) { return at < text.size() && (byte(at) & 0xC0) == 0x80; };
    const unsigned char lead = byte(0);
    if (lead == 0) return 0;
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return tail(1) ? 2 : 0;
    if (lead < 0xF0) {
        if (!tail(1) || !tail(2)) return 0;
        if (lead == 0xE0 && byte(1) < 0xA0) return 0;
        if (lead == 0xED && byte(1) > 0x9F) return 0;
        return 3;
    }
    if (lead < 0xF5) {
        if (!tail(1) || !tail(2) || !tail(3)) return 0;
        if (lead == 0xF0 && byte(1) < 0x90) return 0;
        if (lead == 0xF4 && byte(1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

// Whether eight bytes are all 0x01..0x7F.
bool plain(const char *bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t highs = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return ((word | (word - ones)) & highs) == 0;
}

// Where the first byte stands that can't be kept.
std::size_t first_unfit(std::string_view text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size()) {
        if (at + sizeof(std::uint64_t) <= text.size() && plain(text.data() + at)) {
            at += sizeof(std::uint64_t);
            continue;
        }
        const std::size_t length = sequence_length(text.substr(at));
        if (length == 0) return at;
        at += length;
    }
    return at;
}

} // namespace

std::string storable(std::string text) {
    std::size_t unfit = first_unfit(text, 0);
    if (unfit == text.size()) return text;
    std::string clean;
    clean.reserve(text.size() + 16);
    std::size_t done = 0;
    while (unfit < text.size()) {
        clean.append(text, done, unfit - done);
        clean += "\xEF\xBF\xBD";
        done = unfit + 1;
        unfit = first_unfit(text, done);
    }
    clean.append(text, done);
    return clean;
}

} // namespace roe::ledger::sql
