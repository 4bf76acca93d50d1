#include "security/attempts.hpp"

#include <algorithm>

namespace host {
namespace {

constexpr std::chrono::minutes memory{15}; // failures older than this are forgotten
constexpr std::size_t most_counts = 20'000;
constexpr std::size_t longest_name = 200; // of what is kept of a name that may be anything

} // namespace

std::vector<Attempts::Key> Attempts::keys_of(const std::string &name, const std::string &address) {
    const auto known = name.substr(0, longest_name);
    return {{"both " + address + " " + known, 3}, {"name " + known, 20}, {"address " + address, 20}};
}

std::chrono::milliseconds Attempts::pause_after(const Count &count, int free) {
    if (count.failures < free) return {};
    const int doublings = std::min(count.failures - free, 6);
    return std::min<std::chrono::milliseconds>(std::chrono::seconds(1 << doublings), longest_wait);
}

std::chrono::milliseconds Attempts::wait(const std::string &name, const std::string &address) {
    const std::lock_guard lock(mutex_);
    const auto at = now_();
    std::chrono::milliseconds longest{};
    for (const auto &key : keys_of(name, address)) {
        const auto found = counts_.find(key.text);
        if (found == counts_.end()) continue;
        const auto until = found->second.last + pause_after(found->second, key.free);
        longest = std::max(longest, std::chrono::ceil<std::chrono::milliseconds>(until - at));
    }
    return longest;
}

void Attempts::failed(const std::string &name, const std::string &address) {
    const std::lock_guard lock(mutex_);
    forget_old();
    for (const auto &key : keys_of(name, address)) {
        auto &count = counts_[key.text];
        ++count.failures;
        count.last = now_();
    }
}

void Attempts::succeeded(const std::string &name, const std::string &address) {
    const std::lock_guard lock(mutex_);
    // The address keeps its count: one right password is no licence to guess others.
    counts_.erase(keys_of(name, address).front().text);
}

void Attempts::forget_old() {
    const auto limit = now_() - memory;
    if (counts_.size() >= most_counts) {
        std::erase_if(counts_, [&](const auto &count) { return count.second.last < limit; });
    }
    if (counts_.size() >= most_counts) {
        counts_.erase(std::min_element(counts_.begin(), counts_.end(), [](const auto &left, const auto &right) {
            return left.second.last < right.second.last;
        }));
    }
}

} // namespace host
