#include "source/imap/lexer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "base/ascii.hpp"

namespace roe::imap {

namespace {

using Stops = std::array<bool, 256>;

constexpr Stops stops(std::string_view characters) {
    Stops table{};
    for (const char c : characters)
        table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr Stops plain_stops = stops(" \t\r\n(){\"[]");
constexpr Stops astring_stops = stops(" \t\r\n(){\"");
constexpr Stops set_stops = stops(" \t\r\n(){\"[],");
constexpr Stops code_stops = stops(" \t\r\n()]");

const Stops &stops_of(Lexer::Mode mode) {
    switch (mode) {
    case Lexer::Mode::astring:
        return astring_stops;
    case Lexer::Mode::set:
        return set_stops;
    case Lexer::Mode::code:
        return code_stops;
    default:
        return plain_stops;
    }
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

} // namespace

void Lexer::feed(std::string_view bytes) {
    assert(rest_.empty());
    rest_ = bytes;
}

Token Lexer::next() {
    for (;;) {
        if (state_ == State::failed) return {.kind = TokenKind::failed, .text = failure_};
        // A literal of no bytes ends without another byte.
        if (rest_.empty() && !(state_ == State::literal && literal_left_ == 0)) return {};
        Token token;
        switch (state_) {
        case State::start:
            token = begin_token();
            break;
        case State::atom:
            token = read_atom();
            break;
        case State::tilde:
            token = read_tilde();
            break;
        case State::quoted:
        case State::quoted_escape:
            token = read_quoted();
            break;
        case State::literal_head:
            token = read_literal_head();
            break;
        case State::literal_return:
            token = read_literal_return();
            break;
        case State::literal:
            token = read_literal();
            break;
        case State::text:
            token = read_text();
            break;
        case State::carriage_return:
            token = read_carriage_return();
            break;
        case State::failed:
            break;
        }
        if (token.kind != TokenKind::need_more) return token;
    }
}

Token Lexer::begin_token() {
    kept_.clear();
    const char c = rest_.front();
    if (mode_ == Mode::text && c != ' ') {
        state_ = State::text;
        return {};
    }
    switch (c) {
    case ',':
        if (mode_ != Mode::set) break;
        [[fallthrough]];
    case ' ':
    case '\t':
        if (!consume(1)) return fail("a line is too long");
        after_space_ = true;
        return {};
    case '\r':
        if (!consume(1)) return fail("a line is too long");
        state_ = State::carriage_return;
        return {};
    case '\n':
        rest_.remove_prefix(1);
        return end_line();
    default:
        break;
    }
    if (mode_ == Mode::status_text) {
        mode_ = c == '[' ? Mode::code : Mode::text;
        return c == '[' ? single(TokenKind::bracket_open) : Token{};
    }
    switch (c) {
    case '(':
        if (++depth_ > limits_.depth) return fail("parentheses are nested too deep");
        return single(TokenKind::list_open);
    case ')':
        if (depth_ > 0) --depth_;
        return single(TokenKind::list_close);
    case '[':
        if (mode_ == Mode::astring || mode_ == Mode::code) break;
        return single(TokenKind::bracket_open);
    case ']': {
        if (mode_ == Mode::astring) break;
        const bool ends_code = mode_ == Mode::code;
        const Token token = single(TokenKind::bracket_close);
        if (ends_code) mode_ = Mode::text;
        return token;
    }
    case '"':
        if (mode_ == Mode::code) break;
        if (!consume(1)) return fail("a line is too long");
        state_ = State::quoted;
        return {};
    case '{':
        if (mode_ == Mode::code) break;
        if (!consume(1)) return fail("a line is too long");
        kept_ = "{";
        state_ = State::literal_head;
        return {};
    case '~':
        if (mode_ == Mode::code) break;
        if (!consume(1)) return fail("a line is too long");
        kept_ = "~";
        state_ = State::tilde;
        return {};
    default:
        break;
    }
    state_ = State::atom;
    return {};
}

Token Lexer::read_atom() {
    const Stops &ends = stops_of(mode_);
    const auto *const end =
        std::ranges::find_if(rest_, [&ends](char c) { return ends[static_cast<unsigned char>(c)]; });
    const std::string_view piece(rest_.begin(), end);
    const bool whole = end != rest_.end();
    if (whole && kept_.empty()) {
        if (piece.size() > limits_.token_bytes) return fail("a word is too long");
        if (!consume(piece.size())) return fail("a line is too long");
        return finish_atom(piece);
    }
    if (!keep(piece)) return fail("a word is too long");
    if (!consume(piece.size())) return fail("a line is too long");
    return whole ? finish_atom(kept_) : Token{};
}

Token Lexer::read_tilde() {
    if (rest_.front() != '{') return become_atom();
    if (!consume(1)) return fail("a line is too long");
    kept_ += '{';
    state_ = State::literal_head;
    return {};
}

Token Lexer::read_quoted() {
    while (!rest_.empty()) {
        if (state_ == State::quoted_escape) {
            if (!keep(rest_.substr(0, 1))) return fail("a quoted string is too long");
            if (!consume(1)) return fail("a line is too long");
            state_ = State::quoted;
            continue;
        }
        const std::size_t end = rest_.find_first_of("\"\\\r\n");
        const std::string_view piece = rest_.substr(0, end);
        if (end != std::string_view::npos && (rest_[end] == '\r' || rest_[end] == '\n')) {
            return fail("a quoted string has no end");
        }
        if (end != std::string_view::npos && rest_[end] == '"' && kept_.empty()) {
            if (piece.size() > limits_.token_bytes) return fail("a quoted string is too long");
            if (!consume(piece.size() + 1)) return fail("a line is too long");
            return finish(TokenKind::quoted, piece);
        }
        if (!keep(piece)) return fail("a quoted string is too long");
        if (!consume(piece.size())) return fail("a line is too long");
        if (end == std::string_view::npos) return {};
        const bool closed = rest_.front() == '"';
        if (!consume(1)) return fail("a line is too long");
        if (closed) return finish(TokenKind::quoted, kept_);
        state_ = State::quoted_escape;
    }
    return {};
}

Token Lexer::read_literal_head() {
    while (!rest_.empty()) {
        const char c = rest_.front();
        const char last = kept_.back();
        if (last == '}') {
            if (c != '\r' && c != '\n') return become_atom();
            state_ = State::literal_return;
            if (c == '\n') return {};
            if (!consume(1)) return fail("a line is too long");
            return {};
        }
        const bool fits = is_digit(c) ? last != '+' : (c == '+' && is_digit(last)) || (c == '}' && last != '{');
        if (!fits) return become_atom();
        if (!keep(rest_.substr(0, 1))) return fail("a literal's size is too long");
        if (!consume(1)) return fail("a line is too long");
    }
    return {};
}

Token Lexer::read_literal_return() {
    if (rest_.front() != '\n') return become_atom();
    if (!consume(1)) return fail("a line is too long");
    const std::string_view digits(std::ranges::find_if(kept_, is_digit), kept_.end());
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), literal_size_);
    if (parsed.ec != std::errc{} || literal_size_ > limits_.literal_bytes) {
        return fail("a literal is too large");
    }
    literal_left_ = literal_size_;
    Token token = finish(TokenKind::literal_begin, {});
    token.number = literal_size_;
    state_ = State::literal;
    return token;
}

Token Lexer::read_literal() {
    if (literal_left_ == 0) return finish(TokenKind::literal_end, {});
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, rest_.size()));
    const Token token{.kind = TokenKind::literal_chunk, .text = rest_.substr(0, size)};
    rest_.remove_prefix(size);
    literal_left_ -= size;
    return token;
}

// A text beyond the limit is cut, not refused: it is for people, and nothing hangs on its end.
Token Lexer::read_text() {
    const std::size_t end = rest_.find('\n');
    const std::string_view piece = rest_.substr(0, end);
    const bool whole = end != std::string_view::npos;
    if (whole && kept_.empty() && piece.size() <= limits_.token_bytes) {
        if (!consume(piece.size())) return fail("a line is too long");
        mode_ = Mode::plain;
        return finish(TokenKind::text, without_return(piece));
    }
    kept_ += piece.substr(0, limits_.token_bytes - kept_.size());
    if (!consume(piece.size())) return fail("a line is too long");
    if (!whole) return {};
    mode_ = Mode::plain;
    return finish(TokenKind::text, without_return(kept_));
}

Token Lexer::read_carriage_return() {
    state_ = State::start;
    if (rest_.front() != '\n') {
        after_space_ = true;
        return {};
    }
    rest_.remove_prefix(1);
    return end_line();
}

Token Lexer::fail(std::string_view why) {
    state_ = State::failed;
    failure_ = why;
    rest_ = {};
    return {.kind = TokenKind::failed, .text = failure_};
}

Token Lexer::single(TokenKind kind) {
    const std::string_view text = rest_.substr(0, 1);
    if (!consume(1)) return fail("a line is too long");
    return finish(kind, text);
}

Token Lexer::end_line() {
    state_ = State::start;
    mode_ = Mode::plain;
    after_space_ = false;
    line_used_ = 0;
    depth_ = 0;
    return {.kind = TokenKind::line_end};
}

Token Lexer::finish(TokenKind kind, std::string_view text) {
    const Token token{.kind = kind, .text = text, .after_space = after_space_};
    after_space_ = false;
    state_ = State::start;
    return token;
}

Token Lexer::finish_atom(std::string_view text) {
    Token token = finish(TokenKind::atom, text);
    if (!text.empty() && is_digit(text.front())) {
        const auto *const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data(), end, token.number);
        if (parsed.ec == std::errc{} && parsed.ptr == end) token.kind = TokenKind::number;
    } else if (same_word(text, "NIL")) {
        token.kind = TokenKind::nil;
    }
    return token;
}

Token Lexer::become_atom() {
    state_ = State::atom;
    if (!rest_.empty() && stops_of(mode_)[static_cast<unsigned char>(rest_.front())]) return finish_atom(kept_);
    return {};
}

bool Lexer::consume(std::size_t count) {
    rest_.remove_prefix(count);
    line_used_ += count;
    return line_used_ <= limits_.line_bytes;
}

bool Lexer::keep(std::string_view piece) {
    if (kept_.size() + piece.size() > limits_.token_bytes) return false;
    kept_ += piece;
    return true;
}

} // namespace roe::imap
