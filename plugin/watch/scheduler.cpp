#include "watch/scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <exception>

namespace roe::watch {

namespace {

// An unexpected exception must not turn into a tight loop.
constexpr auto pause_after_fault = std::chrono::seconds(30);

std::chrono::milliseconds until(SteadyTime when, SteadyTime now) {
    if (when <= now) return std::chrono::milliseconds(0);
    // Rounded up: waking a little early would spin until the time has come.
    return std::chrono::ceil<std::chrono::milliseconds>(when - now);
}

} // namespace

Scheduler::Scheduler(std::size_t workers, OnFault on_fault)
    : workers_(std::max<std::size_t>(workers, 2)), on_fault_(std::move(on_fault)) {
    threads_.reserve(workers_ + 1);
    threads_.emplace_back([this] { wait_loop(); });
    for (std::size_t i = 0; i < workers_; ++i)
        threads_.emplace_back([this] { work_loop(); });
}

Scheduler::~Scheduler() {
    stop();
}

Scheduler::Id Scheduler::add(std::shared_ptr<Work> work, const std::string &lane) {
    const std::lock_guard lock(mutex_);
    const Id id = next_id_++;
    auto &entry = entries_[id];
    entry.work = std::move(work);
    entry.lane = lane;
    ++lanes_[lane].members;
    make_ready(id, entry, Wake::due);
    return id;
}

void Scheduler::poke(Id id) {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(id);
    if (at == entries_.end() || at->second.dropped) return;
    auto &entry = at->second;
    if (entry.place == Place::waiting) {
        stop_waiting(id, entry);
        make_ready(id, entry, Wake::poked);
    } else if (entry.place == Place::running) {
        entry.poked = true;
    }
}

void Scheduler::remove(Id id) {
    std::unique_lock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    auto &entry = found->second;
    entry.dropped = true;
    if (entry.place == Place::waiting) stop_waiting(id, entry);
    if (entry.place == Place::running) entry.work->cancel();
    auto at = entries_.end();
    work_done_.wait(lock, [&] {
        at = entries_.find(id);
        return at == entries_.end() || at->second.place != Place::running;
    });
    if (at != entries_.end()) erase(at);
}

void Scheduler::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        stopping_ = true;
        for (auto &[id, entry] : entries_) {
            entry.dropped = true;
            if (entry.place == Place::running) entry.work->cancel();
        }
    }
    work_ready_.notify_all();
    poller_.wake();
    for (auto &thread : threads_)
        thread.join();
    const std::lock_guard lock(mutex_);
    for (auto &[id, entry] : entries_)
        stop_waiting(id, entry);
    entries_.clear();
    lanes_.clear();
    lanes_in_turn_.clear();
    threads_.clear();
}

void Scheduler::work_loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        Id id = 0;
        work_ready_.wait(lock, [&] { return stopping_ || take(id); });
        if (stopping_) return;
        auto &entry = entries_.at(id);
        const auto work = entry.work;
        const auto why = entry.why;
        const bool was_troubled = lanes_.at(entry.lane).trouble;
        if (was_troubled) ++troubled_running_;
        lock.unlock();

        Next next;
        try {
            next = work->run(why);
        } catch (const std::exception &fault) {
            on_fault_(fault.what());
            next = Next::in_trouble_until(std::chrono::steady_clock::now() + pause_after_fault);
        }

        lock.lock();
        if (was_troubled) --troubled_running_;
        auto &lane = lanes_.at(entry.lane);
        --lane.running;
        lane.trouble = next.trouble;
        start_waiting(id, entry, next);
        work_done_.notify_all();
        // This worker's leaving may let a lane go on that was at its limit.
        if (!lanes_in_turn_.empty()) work_ready_.notify_one();
    }
}

void Scheduler::wait_loop() {
    for (;;) {
        auto timeout = std::chrono::milliseconds(60'000);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
            if (!timers_.empty())
                timeout = std::min(timeout, until(timers_.begin()->first, std::chrono::steady_clock::now()));
        }
        const auto woken = poller_.wait(timeout);

        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        for (const Id id : woken) {
            const auto at = entries_.find(id);
            // A wake-up that crossed with a poke or a timer: the work is up already.
            if (at == entries_.end() || at->second.place != Place::waiting || at->second.descriptor < 0)
                continue;
            stop_waiting(id, at->second);
            make_ready(id, at->second, Wake::readable);
        }
        const auto now = std::chrono::steady_clock::now();
        while (!timers_.empty() && timers_.begin()->first <= now) {
            const Id id = timers_.begin()->second;
            auto &entry = entries_.at(id);
            stop_waiting(id, entry);
            make_ready(id, entry, Wake::due);
        }
    }
}

void Scheduler::make_ready(Id id, Entry &entry, Wake why) {
    assert(entry.place == Place::waiting);
    entry.place = Place::ready;
    entry.why = why;
    auto &lane = lanes_.at(entry.lane);
    if (lane.ready.empty()) lanes_in_turn_.push_back(entry.lane);
    lane.ready.push_back(id);
    work_ready_.notify_one();
}

void Scheduler::start_waiting(Id id, Entry &entry, const Next &next) {
    entry.place = Place::waiting;
    if (entry.dropped) return;
    if (std::exchange(entry.poked, false)) {
        make_ready(id, entry, Wake::poked);
        return;
    }
    if (next.when <= std::chrono::steady_clock::now()) {
        make_ready(id, entry, Wake::due);
        return;
    }
    entry.when = next.when;
    entry.descriptor = next.descriptor;
    if (entry.when != SteadyTime::max()) {
        const bool first = timers_.empty() || entry.when < timers_.begin()->first;
        timers_.emplace(entry.when, id);
        if (first) poller_.wake();
    }
    if (entry.descriptor >= 0 && !poller_.arm(entry.descriptor, id)) {
        stop_waiting(id, entry);
        make_ready(id, entry, Wake::readable); // its next read meets the fault
    }
}

void Scheduler::stop_waiting(Id id, Entry &entry) {
    if (entry.when != SteadyTime::max()) timers_.erase({entry.when, id});
    if (entry.descriptor >= 0) poller_.disarm(entry.descriptor);
    entry.when = SteadyTime::max();
    entry.descriptor = -1;
}

bool Scheduler::may_run(const Lane &lane) const {
    if (lane.trouble) return lane.running == 0 && troubled_running_ < std::max<std::size_t>(workers_ / 4, 1);
    return lane.running < std::max<std::size_t>(workers_ / 2, 1);
}

bool Scheduler::take(Id &id) {
    for (auto at = lanes_in_turn_.begin(); at != lanes_in_turn_.end(); ++at) {
        auto &lane = lanes_.at(*at);
        if (!may_run(lane)) continue;
        const auto name = *at;
        lanes_in_turn_.erase(at);
        id = lane.ready.front();
        lane.ready.pop_front();
        if (!lane.ready.empty()) lanes_in_turn_.push_back(name);
        ++lane.running;
        entries_.at(id).place = Place::running;
        return true;
    }
    return false;
}

void Scheduler::erase(std::unordered_map<Id, Entry>::iterator at) {
    const auto lane_at = lanes_.find(at->second.lane);
    auto &lane = lane_at->second;
    if (at->second.place == Place::ready) {
        std::erase(lane.ready, at->first);
        if (lane.ready.empty()) std::erase(lanes_in_turn_, lane_at->first);
    }
    if (--lane.members == 0) lanes_.erase(lane_at);
    entries_.erase(at);
}

} // namespace roe::watch
