// Breaks off what a call of the host waits for, when the host takes the call back or its time is over.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "orch/sdk/cancellation.hpp"

namespace roe::provider {

class CallWatch {
  public:
    // [any thread] `break_off` is called once at most, by a thread of this object's own, and may come at any
    // time until the destructor returns.
    CallWatch(orch::sdk::Cancellation cancellation, std::chrono::milliseconds at_most,
              std::function<void()> break_off);
    CallWatch(const CallWatch &) = delete;
    CallWatch &operator=(const CallWatch &) = delete;

    // Nobody waits for the answer any more.
    [[nodiscard]] bool taken_back() const { return cancellation_.requested(); }
    // Requested when it was broken off.
    [[nodiscard]] std::stop_token token() const { return broken_off_.get_token(); }

  private:
    void watch(const std::stop_token &done);

    const orch::sdk::Cancellation cancellation_;
    const std::chrono::steady_clock::time_point deadline_;
    const std::function<void()> break_off_;
    std::stop_source broken_off_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace roe::provider
