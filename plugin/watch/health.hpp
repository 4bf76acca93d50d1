// How a watched folder is doing, in the words of the settings page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::watch {

enum class State {
    idle,
    connecting,
    watching,
    polling,
    throttled,
    error,
    login_refused,
    consent_needed,
    paused
};

// The name over HTTP: "idle", "loginRefused".
std::string_view name_of(State state);

struct Health {
    State state = State::idle;
    WallTime since{};                  // when this state began
    std::optional<WallTime> until;     // when it will be tried again, for throttled, error, login_refused
    std::string mode;                  // "IMAP IDLE", "polling"; empty while not connected
    std::optional<WallTime> last_look; // the last look that succeeded
    std::optional<WallTime> last_mail; // arrival of the last new mail
    // The last fault, cleared by a look that succeeds; or why a mail could not be marked, moved or deleted.
    std::optional<Error> error;
};

// How long a folder may go without a look that succeeds before it counts as broken, whatever else it seems to
// be: `pause` is the time between two looks.
constexpr std::chrono::milliseconds freshness_bound(std::chrono::milliseconds pause) {
    // What a slow look may take (Limits::answer).
    constexpr std::chrono::minutes slow_look{3};
    return 2 * pause + slow_look;
}

// The health of a folder that claims to be well, but whose last look is `overdue` past its bound.
Health stale(Health health, WallTime now, std::chrono::milliseconds overdue, const std::string &folder);

// The state that a fault puts a folder into.
State state_after(Fault fault);

// Which of two folders of a mailbox speaks for the mailbox: the one that is worse off, or has
// something to tell.
const Health &worse(const Health &a, const Health &b);

} // namespace roe::watch
