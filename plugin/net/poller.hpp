// The parking lot's ear: one epoll for all sessions that have nothing to do but wait.
//
// Poco's PollSet is level-triggered without one-shot, can't be woken, and spins when empty: with thousands of
// sessions whose owner changes between the lot and a worker, that is not enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "net/wake_signal.hpp"

namespace roe::net {

// `wait` by one thread; everything else from any thread.
class Poller {
  public:
    Poller(); // throws std::system_error when the process is out of descriptors
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    // One-shot: once readable, hung up or failed, its token is told once; then it must be armed again.
    // Any token but `reserved_token`. False when the descriptor can't be watched: it then must not be parked.
    bool arm(int descriptor, std::uint64_t token) const;

    // Always before the descriptor is closed. Harmless if it is not armed. A token that `wait` has taken out
    // already may still arrive.
    void disarm(int descriptor) const;

    // The tokens that woke; empty after the timeout or a `wake`.
    std::vector<std::uint64_t> wait(std::chrono::milliseconds timeout);

    // Ends the `wait` under way, or the next one.
    void wake();

    static constexpr std::uint64_t reserved_token = ~std::uint64_t{0};

  private:
    WakeSignal signal_;
    int epoll_ = -1;
};

} // namespace roe::net
