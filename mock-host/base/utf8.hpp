// Text of unknown origin, made fit for JSON.
#pragma once

#include <string>
#include <string_view>

namespace host {

// Every byte that is not part of valid UTF-8 (RFC 3629), and every zero byte, becomes U+FFFD.
std::string valid_utf8(std::string_view bytes);

// Of valid UTF-8: whether a character has begun before this byte.
constexpr bool continues_a_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace host
