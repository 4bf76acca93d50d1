// The little of UTF-8 that folder names and a server's words need. [pure]
#pragma once

#include <string>
#include <string_view>

namespace roe {

constexpr char32_t replacement_character = 0xfffd;

// Takes one character off the front of a text that is not empty; a byte that begins no valid sequence counts as
// U+FFFD.
char32_t take_code_point(std::string_view &text);

void append_utf8(std::string &to, char32_t code_point);

} // namespace roe
