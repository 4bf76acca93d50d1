// Who is signed in by a browser. In memory: a restart signs everybody out. [any thread]
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "security/users.hpp"

namespace host {

struct SessionLimits {
    std::chrono::seconds idle{3600};
    std::chrono::seconds whole{12 * 3600};
    std::size_t most = 2000; // the one that was idle longest goes
};

class BrowserSessions {
  public:
    using Clock = std::chrono::steady_clock;

    explicit BrowserSessions(SessionLimits limits = {}, std::function<Clock::time_point()> now = Clock::now)
        : limits_(limits), now_(std::move(now)) {}

    // What a browser is given. `cookie` names the session and is kept here as a digest only; `csrf` proves that
    // a change is asked for by a page that could read an answer, and not by another site.
    struct Ticket {
        std::string cookie;
        std::string csrf;
    };
    Ticket open(const User &user);

    struct Found {
        User user;
        std::string csrf;
    };
    [[nodiscard]] std::optional<Found> find(std::string_view cookie);

    // The user whose it was; empty when there was none.
    std::optional<User> close(std::string_view cookie);

    [[nodiscard]] std::chrono::seconds whole() const { return limits_.whole; }

  private:
    struct Entry {
        Found found;
        Clock::time_point opened;
        Clock::time_point used;
    };
    void drop_old(); // with the mutex held

    const SessionLimits limits_;
    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::map<TokenDigest, Entry> entries_;
};

} // namespace host
