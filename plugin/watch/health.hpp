// How a watched folder is doing, in the words of the settings page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::watch {

enum class State { idle, connecting, watching, polling, throttled, error, login_refused };

// The name over HTTP: "idle", "loginRefused".
std::string_view name_of(State state);

struct Health {
    State state = State::idle;
    WallTime since{};                  // when this state began
    std::optional<WallTime> until;     // when it will be tried again, for throttled, error, login_refused
    std::string mode;                  // "IMAP IDLE", "polling"; empty while not connected
    std::optional<WallTime> last_look; // the last look that succeeded
    std::optional<WallTime> last_mail; // arrival of the last new mail
    std::optional<Error> error;        // the last fault; cleared by a look that succeeds
};

// The state that a fault puts a folder into.
State state_after(Fault fault);

// Which of two folders of a mailbox speaks for the mailbox: the one that is worse off.
const Health &worse(const Health &a, const Health &b);

} // namespace roe::watch
