// Bytes in any charset to UTF-8, with the charset guessed where none is named or the name is wrong. [any
// thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

struct Converted {
    std::string text;     // valid UTF-8
    bool guessed = false; // the named charset was missing, unknown or wrong
    bool damaged = false; // some bytes mean nothing in it; U+FFFD stands for them
};

// `charset` as named by the mail; may be empty or nonsense.
Converted to_utf8(std::string_view bytes, std::string_view charset);

// What 8-bit text is likely to be in: "utf-8", one of cyrillic.hpp, or of east_asian.hpp.
std::string_view guess_charset(std::string_view bytes);

} // namespace roe::message
