// Where a plugin is in its life, who is inside it and inside its host, and so what may be called.
//
// Either side keeps one for itself: entry -> (start -> stop)* -> destroy.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>

#include "orch/sdk/abi/tombstones.hpp"

namespace orch::sdk::abi {

enum class Into : std::size_t { plugin = 0, host = 1 };

// Between start and stop, or as long as the plugin lives.
enum class Allowed { running, alive };

// GCC 12 can't see that a Visit's destructor takes back the address that its constructor stored.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#endif

class Lifecycle {
  public:
    enum class Phase { made, starting, started, stopping, destroying, destroyed };

    // A call that runs. While it does, its thread may not start, stop or destroy the plugin.
    class Visit {
      public:
        Visit(Lifecycle &life, Into into) : life_(life), into_(into), outer_(innermost()) {
            innermost() = this;
        }
        Visit(const Visit &) = delete;
        Visit &operator=(const Visit &) = delete;
        ~Visit() {
            innermost() = outer_;
            life_.leave(into_);
        }

      private:
        friend class Lifecycle;
        Lifecycle &life_;
        const Into into_;
        Visit *const outer_;
    };

    // Empty when it may not be called now.
    void enter(Into into, Allowed allowed, std::optional<Visit> &visit) {
        {
            const std::lock_guard lock(mutex_);
            const bool active =
                phase_ == Phase::started ||
                (into == Into::host && (phase_ == Phase::starting || phase_ == Phase::stopping));
            const bool alive =
                phase_ != Phase::destroyed && (into == Into::host || phase_ != Phase::destroying);
            if (!alive || (allowed == Allowed::running && !active)) {
                return;
            }
            ++visits_[static_cast<std::size_t>(into)];
        }
        visit.emplace(*this, into);
    }

    // For a lifecycle call: why it may not be made now; empty when it may.
    std::string_view begin_start() { return begin(Phase::made, Phase::starting); }
    std::string_view begin_stop() { return begin(Phase::started, Phase::stopping); }
    std::string_view begin_destroy() { return begin(Phase::made, Phase::destroying); }
    void end_start(bool started) { set(started ? Phase::started : Phase::made); }
    void end_stop() { set(Phase::made); }
    void end_destroy() { set(Phase::destroyed); }

    // The place is taken for a new plugin.
    void reset() { set(Phase::made); }

    [[nodiscard]] Phase phase() const {
        const std::lock_guard lock(mutex_);
        return phase_;
    }

    [[nodiscard]] std::size_t visits(Into into) const {
        const std::lock_guard lock(mutex_);
        return visits_[static_cast<std::size_t>(into)];
    }

    // True when nobody is inside any more.
    bool wait_until_empty(Into into, std::chrono::milliseconds at_most) {
        std::unique_lock lock(mutex_);
        return left_.wait_for(lock, at_most, [&] { return visits_[static_cast<std::size_t>(into)] == 0; });
    }

    [[nodiscard]] bool inside_on_this_thread() const {
        for (const Visit *visit = innermost(); visit != nullptr; visit = visit->outer_) {
            if (&visit->life_ == this) {
                return true;
            }
        }
        return false;
    }

  private:
    ORCH_SDK_OWN static Visit *&innermost() {
        thread_local Visit *top = nullptr;
        return top;
    }

    std::string_view begin(Phase needed, Phase next) {
        constexpr std::array<std::string_view, 6> while_it_is{
            "called while the plugin is stopped",   "called while the plugin is starting",
            "called while the plugin is started",   "called while the plugin is stopping",
            "called while the plugin is destroyed", "called after destroy"};
        if (inside_on_this_thread()) {
            return "called from inside a call of this plugin";
        }
        const std::lock_guard lock(mutex_);
        if (phase_ != needed) {
            return while_it_is.at(static_cast<std::size_t>(phase_));
        }
        phase_ = next;
        return {};
    }

    void set(Phase phase) {
        const std::lock_guard lock(mutex_);
        phase_ = phase;
    }

    void leave(Into into) {
        const std::lock_guard lock(mutex_);
        if (--visits_[static_cast<std::size_t>(into)] == 0) {
            left_.notify_all();
        }
    }

    mutable std::mutex mutex_;
    std::condition_variable left_;
    Phase phase_ = Phase::made;
    std::array<std::size_t, 2> visits_{};
};

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

} // namespace orch::sdk::abi
