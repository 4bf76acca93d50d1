#include "security/sessions.hpp"

#include <algorithm>

#include "base/random_id.hpp"

namespace host {

BrowserSessions::Ticket BrowserSessions::open(const User &user) {
    // Two ids are 256 bits: nobody guesses one of them.
    Ticket ticket{random_id() + random_id(), random_id() + random_id()};
    const std::lock_guard lock(mutex_);
    drop_old();
    const auto at = now_();
    entries_[digest_of(ticket.cookie)] = {{user, ticket.csrf}, at, at};
    return ticket;
}

std::optional<BrowserSessions::Found> BrowserSessions::find(std::string_view cookie) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(digest_of(cookie));
    if (found == entries_.end()) return std::nullopt;
    const auto at = now_();
    auto &entry = found->second;
    if (at - entry.used > limits_.idle || at - entry.opened > limits_.whole) {
        entries_.erase(found);
        return std::nullopt;
    }
    entry.used = at;
    return entry.found;
}

std::optional<User> BrowserSessions::close(std::string_view cookie) {
    const std::lock_guard lock(mutex_);
    const auto node = entries_.extract(digest_of(cookie));
    if (node.empty()) return std::nullopt;
    return node.mapped().found.user;
}

void BrowserSessions::drop_old() {
    const auto at = now_();
    std::erase_if(entries_, [&](const auto &entry) {
        return at - entry.second.used > limits_.idle || at - entry.second.opened > limits_.whole;
    });
    while (entries_.size() >= limits_.most) {
        entries_.erase(
            std::min_element(entries_.begin(), entries_.end(), [](const auto &left, const auto &right) {
                return left.second.used < right.second.used;
            }));
    }
}

} // namespace host
