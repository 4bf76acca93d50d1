#include "watch/health.hpp"

namespace roe::watch {

std::string_view name_of(State state) {
    switch (state) {
    case State::idle:
        return "idle";
    case State::connecting:
        return "connecting";
    case State::watching:
        return "watching";
    case State::polling:
        return "polling";
    case State::throttled:
        return "throttled";
    case State::error:
        return "error";
    case State::login_refused:
        return "loginRefused";
    }
    return "error";
}

State state_after(Fault fault) {
    if (fault == Fault::login_refused) return State::login_refused;
    if (fault == Fault::throttled) return State::throttled;
    return State::error;
}

namespace {

int severity(State state) {
    switch (state) {
    case State::login_refused:
        return 6;
    case State::error:
        return 5;
    case State::throttled:
        return 4;
    case State::connecting:
        return 3;
    case State::polling:
        return 2;
    case State::watching:
        return 1;
    case State::idle:
        return 0;
    }
    return 0;
}

} // namespace

const Health &worse(const Health &a, const Health &b) {
    return severity(b.state) > severity(a.state) ? b : a;
}

} // namespace roe::watch
