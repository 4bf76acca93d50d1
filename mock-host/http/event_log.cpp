#include "http/event_log.hpp"

#include <algorithm>
#include <charconv>

#include "base/random_id.hpp"

namespace host::http {
namespace {

std::size_t size_of(const Event &event) {
    return sizeof(Event) + event.kind.size() + event.tenant.size() + event.data.size();
}

} // namespace

EventLog::EventLog(EventLogLimits limits) : limits_(limits), run_(random_id().substr(0, 12)) {}

bool EventLog::awaited() const {
    const std::lock_guard lock(mutex_);
    return is_awaited();
}

bool EventLog::is_awaited() const {
    if (listeners_ > 0) return true;
    return left_at_ != Clock::time_point::min() && Clock::now() - left_at_ < limits_.memory;
}

void EventLog::append(std::vector<Event> events) {
    {
        const std::lock_guard lock(mutex_);
        for (auto &event : events) {
            event.number = ++newest_;
            bytes_ += size_of(event);
            events_.push_back(std::make_shared<const Event>(std::move(event)));
        }
        while (events_.size() > limits_.events || bytes_ > limits_.bytes) {
            bytes_ -= size_of(*events_.front());
            floor_ = events_.front()->number;
            events_.pop_front();
        }
    }
    changed_.notify_all();
}

void EventLog::lose() {
    {
        const std::lock_guard lock(mutex_);
        skip();
    }
    changed_.notify_all();
}

void EventLog::skip() {
    events_.clear();
    bytes_ = 0;
    floor_ = ++newest_;
}

EventLog::Piece EventLog::read(std::uint64_t after, std::size_t at_most) const {
    const std::lock_guard lock(mutex_);
    Piece piece;
    piece.lost = after < floor_;
    const std::uint64_t from = std::max(after, floor_);
    auto next =
        std::upper_bound(events_.begin(), events_.end(), from,
                         [](std::uint64_t cursor, const Kept &event) { return cursor < event->number; });
    for (; next != events_.end() && piece.events.size() < at_most; ++next)
        piece.events.push_back(*next);
    piece.cursor = piece.events.empty() ? std::max(from, newest_) : piece.events.back()->number;
    return piece;
}

void EventLog::wait(std::uint64_t after, std::chrono::milliseconds at_most) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, at_most, [&] { return closed_ || newest_ > after; });
}

void EventLog::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

bool EventLog::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

std::string EventLog::name_of(std::uint64_t cursor) const {
    return run_ + "-" + std::to_string(cursor);
}

std::uint64_t EventLog::cursor_of(std::string_view name) const {
    std::uint64_t cursor = 0;
    if (!name.starts_with(run_ + "-")) return 0;
    name.remove_prefix(run_.size() + 1);
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), cursor);
    return error == std::errc{} && end == name.data() + name.size() && cursor <= now() ? cursor : 0;
}

std::uint64_t EventLog::now() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void EventLog::join() {
    const std::lock_guard lock(mutex_);
    // What happened meanwhile was not recorded, and who was here before must learn that.
    if (!is_awaited()) skip();
    ++listeners_;
}

void EventLog::leave() {
    const std::lock_guard lock(mutex_);
    --listeners_;
    left_at_ = Clock::now();
}

} // namespace host::http
