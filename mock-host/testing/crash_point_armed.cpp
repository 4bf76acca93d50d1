// ORCH_HOST_CRASH_AT=name[:n] kills the process at the n-th passing of that name (default: the first).
#include "crash_point.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace host {
namespace {

struct Trap {
    std::string name;
    std::atomic<int> passings_left{1};

    Trap() {
        const char *wish = std::getenv("ORCH_HOST_CRASH_AT");
        if (wish == nullptr) return;
        name = wish;
        const auto colon = name.rfind(':');
        if (colon != std::string::npos) {
            passings_left = std::atoi(name.c_str() + colon + 1);
            name.resize(colon);
        }
    }
};

} // namespace

void crash_point(std::string_view name) {
    static Trap trap;
    if (name == trap.name && trap.passings_left.fetch_sub(1) == 1) {
        std::raise(SIGKILL);
    }
}

} // namespace host
