// ROE_CRASH_AT=name[:n] kills the process at the n-th passing of that name (default: the first), and
// ROE_CRASH_ON_MAIL=name:text at each passing of that name with a mail that has the text.
#include "base/crash_point.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace roe {
namespace {

struct Trap {
    std::string name;
    std::atomic<int> passings_left{1};

    Trap() {
        const char *wish = std::getenv("ROE_CRASH_AT");
        if (wish == nullptr) return;
        name = wish;
        const auto colon = name.rfind(':');
        if (colon != std::string::npos) {
            passings_left = std::atoi(name.c_str() + colon + 1);
            name.resize(colon);
        }
    }
};

struct MailTrap {
    std::string name;
    std::string text;

    MailTrap() {
        const char *wish = std::getenv("ROE_CRASH_ON_MAIL");
        if (wish == nullptr) return;
        name = wish;
        const auto colon = name.find(':');
        if (colon == std::string::npos) return;
        text = name.substr(colon + 1);
        name.resize(colon);
    }
};

} // namespace

void crash_point(std::string_view name) {
    static Trap trap;
    // SIGKILL, as nothing may get the chance to tidy up: no destructor, no handler, no flush.
    if (name == trap.name && trap.passings_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

void crash_point_of_mail(std::string_view name, std::string_view words) {
    static const MailTrap trap;
    if (!trap.text.empty() && name == trap.name && words.find(trap.text) != std::string_view::npos)
        std::raise(SIGKILL);
}

} // namespace roe
