// Tokens -> responses (RFC 9051 §7). Incremental and bounded like the lexer below it; a response that nobody
// here knows is stepped over to the end of its line.
//
// Does no I/O. What it has read it hands out one response at a time, so that the caller decides what is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "source/imap/fetch_parser.hpp"
#include "source/imap/lexer.hpp"
#include "source/imap/response.hpp"

namespace roe::imap {

struct ParserLimits {
    LexerLimits lexer;
    std::size_t header_bytes = 1U << 20U; // of a header block; the rest is cut and said so
    std::size_t words = 4096;             // of a capability list or a response code; the rest is dropped
};

class Parser {
  public:
    enum class Outcome : std::uint8_t { response, need_more, failed };

    explicit Parser(const ParserLimits &limits)
        : lexer_(limits.lexer), fetch_(limits.header_bytes, nullptr), most_words_(limits.words) {}

    // Where BODY[] goes from now on; nullptr drops it.
    void set_body_sink(BodySink *sink) { fetch_.set_sink(sink); }

    // The bytes stay in place until `next` has said need_more.
    void feed(std::string_view bytes) { lexer_.feed(bytes); }

    // After `failed` there is nothing more: the place in the stream is lost.
    Outcome next();

    [[nodiscard]] Response &response() { return response_; }
    [[nodiscard]] std::string_view failure() const { return failure_; }
    // Fed, but not used yet.
    [[nodiscard]] std::size_t unread() const { return lexer_.unread(); }
    [[nodiscard]] bool in_literal() const { return lexer_.in_literal(); }
    // No response is half read.
    [[nodiscard]] bool between_responses() const { return at_line_start_ && lexer_.between_tokens(); }

  private:
    // What the next token is taken for.
    using State = bool (Parser::*)(const Token &);

    bool take_line_start(const Token &token);
    bool take_condition(const Token &token);
    bool take_status(const Token &token);
    bool take_continuation(const Token &token);
    bool take_untagged(const Token &token);
    bool take_numbered(const Token &token);
    bool take_capability(const Token &token);
    bool take_enabled(const Token &token);
    bool take_search(const Token &token);
    bool take_extended_search(const Token &token);
    bool take_list_attributes(const Token &token);
    bool take_list_delimiter(const Token &token);
    bool take_list_name(const Token &token);
    bool take_counts_name(const Token &token);
    bool take_counts(const Token &token);
    bool take_fetch(const Token &token);
    bool skip_line(const Token &token);

    bool start_status(std::string_view word);
    void start_extended_search();
    // Collects a name that may be an atom, a quoted string or a literal; true when it is whole.
    bool gather_name(const Token &token, std::string &name);
    bool finish();
    bool fail(std::string_view why);

    Lexer lexer_;
    FetchParser fetch_;
    std::size_t most_words_;
    Response response_;
    State state_ = &Parser::take_line_start;
    bool at_line_start_ = true;
    bool complete_ = false; // the response is whole; its line may still go on
    bool ready_ = false;    // and its line has ended
    bool in_code_ = false;
    std::string tag_;
    std::uint32_t number_ = 0;
    std::string key_;
    std::size_t depth_ = 0;
    std::string failure_;
};

} // namespace roe::imap
