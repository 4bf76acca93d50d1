// Makes guessing of passwords slow: after a few failures each further one costs a longer wait. [any thread]
//
// Counted are failures of a name from one address, of a name from anywhere, and of an address with any name;
// nobody can lock another out for longer than the longest wait.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace host {

class Attempts {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds longest_wait{60};

    explicit Attempts(std::function<Clock::time_point()> now = Clock::now) : now_(std::move(now)) {}

    // How long the next attempt has to wait; zero: it may be made.
    [[nodiscard]] std::chrono::milliseconds wait(const std::string &name, const std::string &address);

    void failed(const std::string &name, const std::string &address);
    void succeeded(const std::string &name, const std::string &address);

  private:
    struct Count {
        int failures = 0;
        Clock::time_point last;
    };
    struct Key {
        std::string text;
        int free; // so many failures cost nothing
    };
    static std::vector<Key> keys_of(const std::string &name, const std::string &address);
    static std::chrono::milliseconds pause_after(const Count &count, int free);
    void forget_old(); // with the mutex held

    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    std::map<std::string, Count> counts_;
};

} // namespace host
