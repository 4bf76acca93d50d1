#include "net/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace roe::net {
namespace {

TEST(DescriptorLimit, The_soft_limit_is_raised_to_the_hard_one) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit found = limit;
    limit.rlim_cur = limit.rlim_max / 2;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);

    const DescriptorLimit raised = raise_descriptor_limit();
    EXPECT_EQ(raised.before, limit.rlim_cur);
    EXPECT_EQ(raised.now, limit.rlim_max);
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(limit.rlim_cur, limit.rlim_max);

    const DescriptorLimit again = raise_descriptor_limit();
    EXPECT_EQ(again.before, again.now);
    ::setrlimit(RLIMIT_NOFILE, &found);
}

} // namespace
} // namespace roe::net
