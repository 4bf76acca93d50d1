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

    // Whether the mailbox takes sessions, as far as the last one tells.
    void note_opened(bool opened) {
        const std::lock_guard lock(mutex_);
        opens_ = opened;
    }

    // Before a session is opened, and held until it is known what came of it: as long as none is known to be,
    // one at a time is, so that a wrong password costs one failed login however many folders there are.
    // Nothing: another's is under way.
    using Turn = std::unique_lock<std::mutex>;
    [[nodiscard]] std::optional<Turn> turn() {
        const std::lock_guard lock(mutex_);
        if (opens_) return Turn();
        Turn only(opening_, std::try_to_lock);
        if (!only.owns_lock()) return std::nullopt;
        return only;
    }

    [[nodiscard]] std::optional<Refusal> at(SteadyTime now) const {
        const std::lock_guard lock(mutex_);
        return refusal_ && now < refusal_->until ? refusal_ : std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    std::optional<Refusal> refusal_;
    bool opens_ = false;
    std::mutex opening_;
};

} // namespace roe::watch
