#include "jobs/housekeeping.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace host {

Housekeeping::Housekeeping(std::vector<Chore> chores) {
    for (auto &chore : chores) {
        const auto at = std::chrono::steady_clock::now() + chore.interval;
        due_.push_back({std::move(chore), at});
    }
    thread_ = std::thread([this] { loop(); });
}

Housekeeping::~Housekeeping() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Housekeeping::loop() {
    std::unique_lock lock(mutex_);
    while (!ending_ && !due_.empty()) {
        const auto next = std::min_element(
            due_.begin(), due_.end(), [](const Due &left, const Due &right) { return left.at < right.at; });
        if (changed_.wait_until(lock, next->at, [this] { return ending_; })) return;
        lock.unlock();
        try {
            next->chore.work();
        } catch (const std::exception &error) {
            log_line(Severity::error, "housekeeping", error.what());
        }
        lock.lock();
        next->at = std::chrono::steady_clock::now() + next->chore.interval;
    }
}

} // namespace host
