#include "provider/call_watch.hpp"

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace roe::provider {
namespace {

using namespace std::chrono_literals;
using orch::sdk::Cancellation;

bool soon(const std::function<bool()> &condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

TEST(CallWatch, A_call_that_is_taken_back_is_broken_off_once) {
    std::atomic<bool> gone = false;
    std::atomic<int> broken_off = 0;
    const CallWatch watch(Cancellation([&] { return gone.load(); }), 1h, [&] { ++broken_off; });
    std::this_thread::sleep_for(120ms);
    EXPECT_EQ(broken_off, 0);
    gone = true;
    EXPECT_TRUE(soon([&] { return broken_off == 1; }));
    EXPECT_TRUE(watch.taken_back());
    EXPECT_TRUE(watch.token().stop_requested());
    std::this_thread::sleep_for(120ms);
    EXPECT_EQ(broken_off, 1);
}

TEST(CallWatch, A_call_whose_time_is_over_is_broken_off_though_somebody_still_waits) {
    std::atomic<int> broken_off = 0;
    const CallWatch watch(Cancellation(), 20ms, [&] { ++broken_off; });
    EXPECT_TRUE(soon([&] { return broken_off == 1; }));
    EXPECT_FALSE(watch.taken_back());
}

TEST(CallWatch, A_call_that_ends_by_itself_does_not_wait_for_its_watch) {
    std::atomic<int> broken_off = 0;
    const auto began = std::chrono::steady_clock::now();
    {
        const CallWatch watch(Cancellation(), 1h, [&] { ++broken_off; });
    }
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    EXPECT_EQ(broken_off, 0);
}

} // namespace
} // namespace roe::provider
