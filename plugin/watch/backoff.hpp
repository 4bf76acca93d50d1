// When to try a mailbox again after a fault. Pure: chance comes in as a number.
#pragma once

#include <chrono>

#include "base/result.hpp"

namespace roe::watch {

// How long to wait after the `attempts`-th fault in a row (1 is the first). `chance` in [0, 1) spreads
// mailboxes that failed together over the upper half of the wait.
//
//  - a server's own hint is kept to, never shortened, and bounded by a day
//  - a refused login is not repeated for an hour: repeating locks accounts
//  - otherwise 1 s doubling to 5 min
std::chrono::milliseconds backoff(const Error &error, int attempts, double chance);

// How long to leave a server alone that did not push, `attempts` times in a row, before it is asked again
// whether it does: an hour doubling to a day, and up to a quarter more by `chance`, so that mailboxes that were
// refused together do not ask together.
std::chrono::milliseconds pause_before_push(int attempts, double chance);

std::chrono::milliseconds scaled(std::chrono::milliseconds wait, double factor);

} // namespace roe::watch
