// Text as people compare it: repair, folding for search, folding of addresses.
//
// Every function takes any bytes and gives valid UTF-8. [any thread]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace roe::unicode {

[[nodiscard]] bool is_ascii(std::string_view bytes);
[[nodiscard]] bool is_utf8(std::string_view bytes);

// The character that starts at `at`, and how many bytes it takes; `valid` is false for a byte that starts none.
struct CodePoint {
    char32_t value = 0;
    std::size_t length = 1;
    bool valid = false;
};
[[nodiscard]] CodePoint code_point_at(std::string_view bytes, std::size_t at);
void append(std::string &text, char32_t value);

// `bytes` with every byte that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string repaired(std::string_view bytes);

// The longest beginning of `text` (valid UTF-8) that has at most `bytes` bytes and ends between characters.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t bytes);

// For a search in text: full case folding, compatibility forms equal, invisible characters dropped, white space
// collapsed. The Turkish pairs i/İ and ı/I fall together, as a search should find the word in either spelling.
[[nodiscard]] std::string folded(std::string_view text);

// For "the same address": case and composition are equal, nothing else is. ß is not ss, ı is not i and a wide
// letter is not its plain one, as those are addresses that somebody else may own. Punycode equals what it
// encodes.
[[nodiscard]] std::string folded_address(std::string_view address);

} // namespace roe::unicode
