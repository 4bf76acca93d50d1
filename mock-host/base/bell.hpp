// Wakes a thread that works through what waits in the database. [any thread]
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/times.hpp"

namespace host {

class Bell {
  public:
    // There is something to do.
    void ring() {
        const std::lock_guard lock(mutex_);
        rung_ = true;
        changed_.notify_all();
    }

    // The thread is to end.
    void end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }

    [[nodiscard]] bool ended() const {
        const std::lock_guard lock(mutex_);
        return ended_;
    }

    // Until it has rung since the last wait, or the time is over.
    void wait_for(std::chrono::microseconds time) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, time, [this] { return rung_ || ended_; });
        rung_ = false;
    }

    // Until it has rung, or what waits is due; empty: nothing does.
    void wait_until(std::optional<Micros> due) {
        // The clock may be set meanwhile: never asleep for longer than a minute.
        constexpr Micros longest = 60 * micros_per_second;
        wait_for(std::chrono::microseconds(std::clamp<Micros>(due ? *due - wall_now() : longest, 0, longest)));
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool rung_ = false;
    bool ended_ = false;
};

} // namespace host
