// Lays out text as a browser would: white space collapses, blocks stand on lines of their own. [one thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

class TextLayout {
  public:
    void add(std::string_view text);
    void new_line();        // <br>
    void break_line();      // what follows starts a line
    void break_paragraph(); // what follows starts a line after an empty one
    void next_cell();       // what follows is set off from what stands in the line
    void begin_preformatted() { ++preformatted_; }
    void end_preformatted() { --preformatted_; }

    [[nodiscard]] std::string text() const;

  private:
    void put(char c);
    void flush_gap();

    std::string text_;
    int lines_ = 0; // line ends to come before the next text
    bool space_ = false;
    bool cell_ = false;
    int preformatted_ = 0;
};

} // namespace roe::message
