// The inside of one FETCH response: tokens -> Fetch, with BODY[] passed on while it is read.
//
// Items that are not ours (ENVELOPE, BODYSTRUCTURE, MODSEQ, X-GM-…) are stepped over at any depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "source/imap/response.hpp"
#include "source/imap/token.hpp"

namespace roe::imap {

class FetchParser {
  public:
    enum class Step : std::uint8_t {
        more,
        done,      // the closing parenthesis
        malformed, // the token does not belong here
        stopped,   // by the BodySink
    };

    FetchParser(std::size_t header_bytes, BodySink *sink) : header_bytes_(header_bytes), sink_(sink) {}

    void set_sink(BodySink *sink) { sink_ = sink; }

    // The next tokens are what follows "* <sequence> FETCH".
    void start(std::uint32_t sequence);
    Step take(const Token &token);

    [[nodiscard]] Fetch &fetch() { return fetch_; }

  private:
    enum class Field : std::uint8_t { uid, flags, received_at, size, header, opening, body, other };
    enum class State : std::uint8_t {
        opening, // before the first parenthesis
        name,    // of an item
        after_name,
        section, // within BODY[...]
        after_section,
        value,
        flags,
        nested, // within a parenthesised value that is not ours
        literal,
    };

    Step take_name(const Token &token);
    Step take_after_name(const Token &token);
    Step take_section(const Token &token);
    Step take_value(const Token &token);
    Step take_flag(const Token &token);
    Step take_nested(const Token &token);
    Step take_literal(const Token &token);

    Step take_string(std::string_view text);
    bool open_string(std::uint64_t size);
    bool add_string(std::string_view bytes);
    bool close_string();

    [[nodiscard]] Field field_of_name() const;
    [[nodiscard]] std::size_t limit() const;

    std::size_t header_bytes_;
    BodySink *sink_;
    Fetch fetch_;
    State state_ = State::opening;
    Field field_ = Field::other;
    std::string name_;        // upper case
    std::string section_;     // upper case, within the brackets
    bool from_start_ = false; // a partial body that begins with the message's first byte
    std::string value_;
    std::size_t depth_ = 0;
};

} // namespace roe::imap
