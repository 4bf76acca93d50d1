#include "watch/health.hpp"

#include "base/timestamp.hpp"

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
    case State::consent_needed:
        return "consentNeeded";
    case State::paused:
        return "paused";
    }
    return "error";
}

State state_after(Fault fault) {
    if (fault == Fault::login_refused) return State::login_refused;
    if (fault == Fault::consent_needed) return State::consent_needed;
    if (fault == Fault::throttled) return State::throttled;
    return State::error;
}

Health stale(Health health, WallTime now, std::chrono::milliseconds overdue, const std::string &folder) {
    health.since = now - overdue;
    health.state = State::error;
    health.error = Error{
        Fault::timed_out,
        "look",
        folder + (health.last_look ? " was last looked into at " + timestamp(*health.last_look)
                                   : " has not been looked into since it was started"),
        {},
        "The look that is under way takes too long, or waits for others: see how the other mailboxes of this "
        "server are doing, and whether this machine is overloaded."};
    return health;
}

namespace {

int severity(State state) {
    switch (state) {
    case State::login_refused:
    case State::consent_needed:
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
    case State::paused:
        return 0;
    }
    return 0;
}

} // namespace

const Health &worse(const Health &a, const Health &b) {
    if (severity(a.state) != severity(b.state)) return severity(b.state) > severity(a.state) ? b : a;
    return b.error && !a.error ? b : a;
}

} // namespace roe::watch
