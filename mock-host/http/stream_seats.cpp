#include "http/stream_seats.hpp"

namespace host::http {

std::shared_ptr<void> StreamSeats::take(const std::string &user) {
    const std::lock_guard lock(mutex_);
    if (taken_ >= all_) return nullptr;
    auto &his = by_user_[user];
    if (his >= of_one_user_) return nullptr;
    ++his;
    ++taken_;
    return {this, [user](StreamSeats *seats) { seats->give_back(user); }};
}

std::size_t StreamSeats::taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
}

void StreamSeats::give_back(const std::string &user) {
    const std::lock_guard lock(mutex_);
    --taken_;
    const auto found = by_user_.find(user);
    if (--found->second == 0) by_user_.erase(found);
}

} // namespace host::http
