#include "source/imap/command.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace roe::imap {

namespace {

constexpr std::size_t longest_quoted = 1000;
constexpr std::size_t small_literal = 4096; // RFC 7888 §5

bool can_be_quoted(std::string_view text, bool utf8) {
    return text.size() <= longest_quoted && std::ranges::all_of(text, [utf8](char c) {
               return c != '\r' && c != '\n' && (utf8 || static_cast<unsigned char>(c) < 0x80);
           });
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

} // namespace

Dialect Dialect::of(const Capabilities &capabilities, bool utf8) {
    Dialect dialect{.free_literals = FreeLiterals::none, .utf8 = utf8};
    if (capabilities.has("LITERAL-")) dialect.free_literals = FreeLiterals::small;
    if (capabilities.has("LITERAL+")) dialect.free_literals = FreeLiterals::any;
    return dialect;
}

Command &Command::raw(std::string_view text) {
    assert(text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    pieces_.back() += text;
    return *this;
}

Command &Command::string(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) sendable_ = false;
    if (can_be_quoted(text, dialect_.utf8)) {
        pieces_.back() += ' ' + quoted(text);
        return *this;
    }
    const bool free = dialect_.free_literals == Dialect::FreeLiterals::any ||
                      (dialect_.free_literals == Dialect::FreeLiterals::small && text.size() <= small_literal);
    pieces_.back() += " {" + std::to_string(text.size()) + (free ? "+}" : "}");
    if (free) {
        pieces_.back().append("\r\n").append(text);
    } else {
        pieces_.emplace_back(text);
    }
    return *this;
}

void Command::wipe() {
    for (std::string &piece : pieces_)
        roe::wipe(piece);
}

} // namespace roe::imap
