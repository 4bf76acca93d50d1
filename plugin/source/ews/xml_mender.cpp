#include "source/ews/xml_mender.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace roe::ews {

namespace {

constexpr std::string_view replacement = "&#xFFFD;";
constexpr std::size_t longest_reference = 16;

bool needs_a_look(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x80 || c == '&';
}

// XML 1.0 §2.2
bool is_xml_character(std::uint32_t c) {
    return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0x10ffff);
}

bool continues_reference(std::string_view so_far, char c) {
    if (so_far.size() == 1) return c == '#';
    if (so_far.size() == 2) return c == 'x' || (c >= '0' && c <= '9');
    const bool hex = so_far[2] == 'x' && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    return hex || (c >= '0' && c <= '9');
}

// Of "&#x1F", without the semicolon. What is no number is left to the parser to refuse.
bool names_no_character(std::string_view reference) {
    if (reference.size() < 3) return false;
    const bool hex = reference[2] == 'x';
    const std::string_view digits = reference.substr(hex ? 3 : 2);
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    return parsed.ec == std::errc{} && !is_xml_character(value);
}

// Of the bytes of a character in UTF-8 (RFC 3629 §4), by its first.
std::size_t size_of_character(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte >= 0xc2 && byte <= 0xdf) return 2;
    if (byte >= 0xe0 && byte <= 0xef) return 3;
    return byte >= 0xf0 && byte <= 0xf4 ? 4 : 0;
}

bool continues_character(std::string_view so_far, char c) {
    const auto first = static_cast<unsigned char>(so_far.front());
    const auto byte = static_cast<unsigned char>(c);
    if (so_far.size() > 1) return byte >= 0x80 && byte <= 0xbf;
    const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return byte >= least && byte <= most;
}

// U+FFFE and U+FFFF
bool is_no_character(std::string_view whole) {
    return whole == "\xef\xbf\xbe" || whole == "\xef\xbf\xbf";
}

} // namespace

void XmlMender::mend(std::string_view bytes, std::string &to) {
    to.reserve(to.size() + bytes.size());
    while (!bytes.empty()) {
        if (reference_.empty() && character_.empty()) {
            const auto clean = std::ranges::find_if(bytes, needs_a_look) - bytes.begin();
            to.append(bytes.substr(0, static_cast<std::size_t>(clean)));
            bytes.remove_prefix(static_cast<std::size_t>(clean));
            if (bytes.empty()) return;
        }
        take(bytes.front(), to);
        bytes.remove_prefix(1);
    }
}

void XmlMender::take(char c, std::string &to) {
    if (!character_.empty() && continues_character(character_, c)) {
        take_in_character(c, to);
        return;
    }
    if (!character_.empty()) {
        to += replacement;
        character_.clear();
    }
    if (!reference_.empty() &&
        (c == ';' || (continues_reference(reference_, c) && reference_.size() < longest_reference))) {
        take_reference(c, to);
        return;
    }
    to += std::exchange(reference_, {});
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
        reference_ = c;
    } else if (byte >= 0x80) {
        if (size_of_character(c) > 0)
            character_ = c;
        else
            to += replacement;
    } else if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') {
        to += ' ';
    } else {
        to += c;
    }
}

void XmlMender::take_reference(char c, std::string &to) {
    if (c != ';') {
        reference_ += c;
        return;
    }
    if (names_no_character(reference_)) {
        to += replacement;
    } else {
        (to += reference_) += ';';
    }
    reference_.clear();
}

void XmlMender::take_in_character(char c, std::string &to) {
    character_ += c;
    if (character_.size() < size_of_character(character_.front())) return;
    to += is_no_character(character_) ? replacement : std::string_view(character_);
    character_.clear();
}

} // namespace roe::ews
