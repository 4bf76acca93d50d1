#include "net/poller.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <limits>
#include <system_error>

#include <sys/epoll.h>
#include <unistd.h>

namespace roe::net {
namespace {

// More simply stay ready and come with the next call.
constexpr std::size_t most_at_a_time = 256;

} // namespace

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = reserved_token;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, signal_.descriptor(), &event) != 0) {
        const int code = errno;
        ::close(epoll_);
        throw std::system_error(code, std::generic_category(), "epoll_ctl");
    }
}

Poller::~Poller() {
    ::close(epoll_);
}

bool Poller::arm(int descriptor, std::uint64_t token) const {
    assert(token != reserved_token);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
    event.data.u64 = token;
    // One that has fired is still known, only silent; arming it again is the common case.
    if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
    return errno == ENOENT && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Poller::disarm(int descriptor) const {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::vector<std::uint64_t> Poller::wait(std::chrono::milliseconds timeout) {
    const auto longest = std::chrono::milliseconds{std::numeric_limits<int>::max()};
    const auto bounded = std::clamp(timeout, std::chrono::milliseconds{0}, longest);
    std::array<epoll_event, most_at_a_time> events{};
    const int count =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(bounded.count()));
    std::vector<std::uint64_t> tokens;
    // A signal handler of the host's may end the wait early; the caller loops anyway.
    for (int i = 0; i < count; ++i) {
        const std::uint64_t token = events[static_cast<std::size_t>(i)].data.u64;
        if (token == reserved_token) {
            signal_.clear();
        } else {
            tokens.push_back(token);
        }
    }
    return tokens;
}

void Poller::wake() {
    signal_.raise();
}

} // namespace roe::net
