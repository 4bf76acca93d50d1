#include "watch/backoff.hpp"

#include <algorithm>

namespace roe::watch {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds first_wait = 1s;
constexpr milliseconds longest_wait = 5min;
constexpr milliseconds login_pause = 1h;
constexpr milliseconds throttle_wait = 30s;
constexpr milliseconds longest_hint = 24h;
// A proxy that held notices back or a login with too many of them may be put right meanwhile; a new session is
// little for what it may gain. It takes a worker half a minute where notices are held back, though, which is
// much where a thousand mailboxes are behind that proxy: it is asked ever less often.
constexpr milliseconds push_wait = 1h;
constexpr milliseconds longest_push_wait = 24h;

milliseconds doubled(milliseconds first, int attempts, milliseconds longest) {
    const int doublings = std::clamp(attempts - 1, 0, 20);
    return std::min(longest, first * (milliseconds::rep{1} << doublings));
}

} // namespace

milliseconds scaled(milliseconds wait, double factor) {
    return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(wait.count()) * factor));
}

milliseconds backoff(const Error &error, int attempts, double chance) {
    // Some servers say 0, and a date may have passed by our clock: that is no leave to ask without end.
    if (error.retry_after && *error.retry_after > 0ms) {
        const auto hint = std::clamp<milliseconds>(*error.retry_after, first_wait, longest_hint);
        return hint + scaled(std::min<milliseconds>(hint, 10s), chance / 2);
    }
    if (error.fault == Fault::login_refused || error.fault == Fault::consent_needed)
        return login_pause + scaled(login_pause, chance / 2);
    const auto wait =
        doubled(error.fault == Fault::throttled ? throttle_wait : first_wait, attempts, longest_wait);
    return scaled(wait, 0.5 + chance / 2);
}

milliseconds pause_before_push(int attempts, double chance) {
    return scaled(doubled(push_wait, attempts, longest_push_wait), 1 + chance / 4);
}

} // namespace roe::watch
