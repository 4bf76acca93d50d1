#include "security/terminal.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace host {

struct QuietTerminal::Settings {
    termios values;
};

QuietTerminal::QuietTerminal(const std::string &question) {
    termios now{};
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &now) != 0) return;
    before_ = std::make_unique<Settings>(Settings{now});
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
    std::cerr << question;
}

QuietTerminal::~QuietTerminal() {
    if (before_ == nullptr) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_->values);
    std::cerr << '\n';
}

} // namespace host
