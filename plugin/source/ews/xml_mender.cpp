#include "source/ews/xml_mender.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace roe::ews {

namespace {

constexpr std::string_view replacement = "&#xFFFD;";
constexpr std::size_t longest_reference = 16;

bool needs_a_look(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '&';
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

} // namespace

void XmlMender::mend(std::string_view bytes, std::string &to) {
    to.reserve(to.size() + bytes.size());
    while (!bytes.empty()) {
        if (reference_.empty()) {
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
    if (!reference_.empty()) {
        if (c == ';') {
            if (names_no_character(reference_)) {
                to += replacement;
            } else {
                (to += reference_) += ';';
            }
            reference_.clear();
            return;
        }
        if (continues_reference(reference_, c) && reference_.size() < longest_reference) {
            reference_ += c;
            return;
        }
        to += reference_;
        reference_.clear();
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
        reference_ = c;
    } else if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') {
        to += ' ';
    } else {
        to += c;
    }
}

} // namespace roe::ews
