// Bytes -> tokens. Incremental (a token may arrive in any number of pieces), bounded, without recursion.
//
// Takes what servers send, not only what RFC 9051 §9 allows: a lone LF ends a line, control characters and
// 8-bit bytes are part of an atom. Knows nothing of what a response means: the parser tells it with `expect`
// where the grammar changes within a line.
//
// Does no I/O and never holds a literal: its chunks are views into the bytes that were fed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "source/imap/token.hpp"

namespace roe::imap {

struct LexerLimits {
    std::size_t line_bytes = 16U << 20U; // of a line without its literals: two million UIDs of a SEARCH
    std::size_t token_bytes = 64U << 10U;
    std::size_t depth = 1000; // of parentheses
    std::uint64_t literal_bytes = 2ULL << 30U;
};

class Lexer {
  public:
    enum class Mode : std::uint8_t {
        plain,       // brackets are tokens of their own
        astring,     // brackets belong to the atom: folder names (RFC 9051 ASTRING-CHAR)
        set,         // commas separate: 1:3,5
        status_text, // after OK, NO, BAD: a response code in brackets or text
        code,        // within a response code: everything but space, parentheses and ] is a word
        text,        // the rest of the line
    };

    explicit Lexer(const LexerLimits &limits) : limits_(limits) {}

    // The bytes stay the caller's and must stay in place until `next` has said need_more.
    void feed(std::string_view bytes);

    // How the rest of the line is to be read; the end of the line restores Mode::plain.
    void expect(Mode mode) { mode_ = mode; }

    Token next();

    // Fed, but not used yet.
    [[nodiscard]] std::size_t unread() const { return rest_.size(); }
    // No token is half read.
    [[nodiscard]] bool between_tokens() const { return state_ == State::start; }
    [[nodiscard]] bool in_literal() const { return state_ == State::literal; }
    // Why next() says failed.
    [[nodiscard]] std::string_view failure() const { return failure_; }

  private:
    enum class State : std::uint8_t {
        start,
        atom,
        tilde, // ~ may begin a literal8 (RFC 3516)
        quoted,
        quoted_escape,
        literal_head,   // {123+}
        literal_return, // the CR after it
        literal,
        text,
        carriage_return,
        failed,
    };

    Token begin_token();
    Token read_atom();
    Token read_tilde();
    Token read_quoted();
    Token read_literal_head();
    Token read_literal_return();
    Token read_literal();
    Token read_text();
    Token read_carriage_return();

    Token fail(std::string_view why);
    Token single(TokenKind kind);
    Token end_line();
    Token finish(TokenKind kind, std::string_view text);
    Token finish_atom(std::string_view text);
    Token become_atom();
    // Uses up `count` bytes of the line; false beyond its limit.
    bool consume(std::size_t count);
    // Keeps a piece of a token whose end has not arrived; false beyond the limit.
    bool keep(std::string_view piece);

    LexerLimits limits_;
    std::string_view rest_;
    State state_ = State::start;
    Mode mode_ = Mode::plain;
    bool after_space_ = false;
    std::string kept_;
    std::size_t line_used_ = 0;
    std::size_t depth_ = 0;
    std::uint64_t literal_left_ = 0;
    std::uint64_t literal_size_ = 0;
    std::string_view failure_;
};

} // namespace roe::imap
