// What a server has refused a mailbox, and until when it is not asked again: by no session of any of its
// folders, whoever wants one. Logins that are refused again and again lock accounts.
#pragma once

#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::watch {

// [any thread]
class Standoff {
  public:
    struct Refusal {
        Error error;
        SteadyTime until;
    };

    // Faults that concern one connection, or us, begin none.
    static bool is_begun_by(Fault fault) {
        return fault == Fault::login_refused || fault == Fault::consent_needed || fault == Fault::throttled;
    }

    void begin(const Error &error, SteadyTime until) {
        const std::lock_guard lock(mutex_);
        refusal_ = Refusal{error, until};
    }

    [[nodiscard]] std::optional<Refusal> at(SteadyTime now) const {
        const std::lock_guard lock(mutex_);
        return refusal_ && now < refusal_->until ? refusal_ : std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    std::optional<Refusal> refusal_;
};

} // namespace roe::watch
