// The words of an IMAP response line.
#pragma once

#include <cstdint>
#include <string_view>

namespace roe::imap {

enum class TokenKind : std::uint8_t {
    atom,
    number, // an atom of digits that fits 64 bits
    nil,
    quoted,        // text without the quotes, escapes undone
    text,          // the human-readable rest of a line
    literal_begin, // `number` bytes follow, as literal_chunk tokens, then literal_end
    literal_chunk,
    literal_end,
    list_open,
    list_close,
    bracket_open,
    bracket_close,
    line_end,
    need_more, // every byte is used up
    failed,    // a limit or the grammar is broken; stays so
};

struct Token {
    TokenKind kind = TokenKind::need_more;
    std::string_view text{};  // until the next call of the lexer
    std::uint64_t number = 0; // of number and literal_begin
    bool after_space = false; // "BODY[" is one thing, "BODY [" is two
};

} // namespace roe::imap
