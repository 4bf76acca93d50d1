#include "plugins/patient_call.hpp"

namespace host {

PatientCall::PatientCall(std::function<void()> call)
    : thread_([this, call = std::move(call)] {
          call();
          const std::lock_guard lock(mutex_);
          has_returned_ = true;
          returned_.notify_all();
      }) {}

PatientCall::~PatientCall() {
    thread_.join();
}

bool PatientCall::wait_until(Clock::time_point end) {
    std::unique_lock lock(mutex_);
    return returned_.wait_until(lock, end, [this] { return has_returned_; });
}

} // namespace host
