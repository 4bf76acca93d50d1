#include "watch/backoff.hpp"

#include <gtest/gtest.h>

namespace roe::watch {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

Error fault(Fault kind) {
    return {kind, "connect", "doing something", {}, {}, {}};
}

TEST(Backoff, The_first_wait_is_about_a_second_and_later_ones_double) {
    EXPECT_EQ(backoff(fault(Fault::unreachable), 1, 0.0), 500ms);
    EXPECT_LE(backoff(fault(Fault::unreachable), 1, 0.999), 1s);
    EXPECT_EQ(backoff(fault(Fault::unreachable), 4, 0.0), 4s);
}

TEST(Backoff, No_wait_is_longer_than_five_minutes) {
    EXPECT_LE(backoff(fault(Fault::timed_out), 1000, 0.999), 5min);
    EXPECT_GE(backoff(fault(Fault::timed_out), 1000, 0.0), 150s);
}

TEST(Backoff, A_refused_login_is_not_repeated_for_an_hour) {
    EXPECT_GE(backoff(fault(Fault::login_refused), 1, 0.0), 1h);
    EXPECT_LE(backoff(fault(Fault::login_refused), 9, 0.999), 90min);
}

TEST(Backoff, A_refused_consent_is_not_repeated_for_an_hour_either) {
    EXPECT_GE(backoff(fault(Fault::consent_needed), 1, 0.0), 1h);
}

TEST(Backoff, The_servers_own_hint_is_never_undercut) {
    auto error = fault(Fault::throttled);
    error.retry_after = 90s;
    EXPECT_GE(backoff(error, 1, 0.0), 90s);
    EXPECT_LE(backoff(error, 1, 0.999), 95s);
}

TEST(Backoff, An_absurd_hint_is_bounded_by_a_day) {
    auto error = fault(Fault::throttled);
    error.retry_after = milliseconds::max();
    EXPECT_LE(backoff(error, 1, 0.999), 24h + 5s);
    error.retry_after = -5s;
    EXPECT_GE(backoff(error, 1, 0.0), 0s);
}

TEST(Backoff, A_hint_of_no_time_is_none) {
    // A Retry-After whose date has passed by our clock, for one.
    for (const auto hint : {0ms, -5000ms}) {
        auto error = fault(Fault::throttled);
        error.retry_after = hint;
        EXPECT_EQ(backoff(error, 1, 0.0), 15s);
        EXPECT_EQ(backoff(error, 3, 0.0), 60s);
    }
    auto error = fault(Fault::throttled);
    error.retry_after = 5ms;
    EXPECT_GE(backoff(error, 1, 0.0), 1s);
}

TEST(Backoff, Chance_spreads_mailboxes_that_failed_together) {
    EXPECT_NE(backoff(fault(Fault::unreachable), 3, 0.1), backoff(fault(Fault::unreachable), 3, 0.9));
}

} // namespace
} // namespace roe::watch
