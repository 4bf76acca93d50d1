#include "provider/call_watch.hpp"

#include <algorithm>
#include <utility>

namespace roe::provider {

namespace {

// A cancellation can only be asked.
constexpr std::chrono::milliseconds asked_every{50};

} // namespace

CallWatch::CallWatch(orch::sdk::Cancellation cancellation, std::chrono::milliseconds at_most,
                     std::function<void()> break_off)
    : cancellation_(std::move(cancellation)), deadline_(std::chrono::steady_clock::now() + at_most),
      break_off_(std::move(break_off)), thread_([this](const std::stop_token &done) { watch(done); }) {}

void CallWatch::watch(const std::stop_token &done) {
    std::unique_lock lock(mutex_);
    while (!done.stop_requested()) {
        const auto now = std::chrono::steady_clock::now();
        if (now >= deadline_ || cancellation_.requested()) {
            broken_off_.request_stop();
            break_off_();
            return;
        }
        wake_.wait_until(lock, done, std::min(deadline_, now + asked_every), [] { return false; });
    }
}

} // namespace roe::provider
