// A call into a plugin that may not come back: on a thread of its own, so that the host can go on without it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace host {

class PatientCall {
  public:
    using Clock = std::chrono::steady_clock;

    explicit PatientCall(std::function<void()> call);
    ~PatientCall(); // waits for the call, however long it takes
    PatientCall(const PatientCall &) = delete;
    PatientCall &operator=(const PatientCall &) = delete;

    // Whether it has come back by then.
    bool wait_until(Clock::time_point end);

  private:
    std::mutex mutex_;
    std::condition_variable returned_;
    bool has_returned_ = false;
    std::thread thread_; // last: it uses the others
};

} // namespace host
