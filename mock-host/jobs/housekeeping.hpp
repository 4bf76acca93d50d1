// Chores that come round again: expired jobs, triggers that could not be started yet.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace host {

class Housekeeping {
  public:
    struct Chore {
        std::chrono::milliseconds interval;
        std::function<void()> work; // may throw: it is logged, and the next round comes
    };

    explicit Housekeeping(std::vector<Chore> chores);
    ~Housekeeping(); // waits for the chore under way

  private:
    struct Due {
        Chore chore;
        std::chrono::steady_clock::time_point at;
    };
    void loop();

    std::vector<Due> due_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace host
