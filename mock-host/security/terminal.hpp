// Typing a password without showing it.
#pragma once

#include <memory>
#include <string>

namespace host {

// Asks and switches the echo off as long as it lives, when standard input is a terminal.
class QuietTerminal {
  public:
    explicit QuietTerminal(const std::string &question);
    ~QuietTerminal();
    QuietTerminal(const QuietTerminal &) = delete;
    QuietTerminal &operator=(const QuietTerminal &) = delete;

    [[nodiscard]] bool is_terminal() const { return before_ != nullptr; }

  private:
    struct Settings;
    std::unique_ptr<Settings> before_;
};

} // namespace host
