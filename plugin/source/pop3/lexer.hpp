// Bytes to lines and to the content of multi-line answers (RFC 1939 §3). [pure]
//
// Fed in pieces of any size. A line is bounded; content is not kept, it is handed on as it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace roe::pop3 {

class Lexer {
  public:
    explicit Lexer(std::size_t line_bytes) : line_bytes_(line_bytes) {}

    // Ends the life of `line` and `piece`.
    void feed(std::string_view bytes);
    [[nodiscard]] std::size_t unread() const { return buffer_.size() - at_; }
    // Gives memory back that a long line has taken.
    void rest();

    enum class Line : std::uint8_t { whole, need_more, too_long };
    Line next_line();
    // Without its end, which is CR LF or, from some servers, LF.
    [[nodiscard]] std::string_view line() const { return line_; }

    // From here on comes the content of a multi-line answer, whose lines end as the line before it did.
    void begin_content();
    enum class Content : std::uint8_t { piece, end, need_more };
    Content next_content();
    // Without the dots that were put before dots.
    [[nodiscard]] std::string_view piece() const { return piece_; }

  private:
    [[nodiscard]] bool ends_line(std::size_t line_feed, std::size_t begin) const;

    std::size_t line_bytes_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::size_t scanned_ = 0; // no line feed lies between `at_` and here
    std::string_view line_;
    std::string_view piece_;
    bool crlf_ = true;
    bool at_line_start_ = false;
    bool after_cr_ = false;
};

} // namespace roe::pop3
