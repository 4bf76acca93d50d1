#include "mail/address.hpp"

#include <algorithm>

namespace host {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5322 §3.2.3.
bool is_atom(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
    });
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

template <class Part>
bool all_parts(std::string_view text, Part is_part) {
    while (true) {
        const auto dot = text.find('.');
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

} // namespace

bool is_mail_address(std::string_view text) {
    const auto at = text.rfind('@');
    if (at > 64 || text.size() > 254) return false; // no "@" at all is past that, too
    return all_parts(text.substr(0, at), is_atom) && all_parts(text.substr(at + 1), is_label);
}

bool is_message_id(std::string_view text) {
    return !text.empty() && text.size() <= 250 &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

} // namespace host
