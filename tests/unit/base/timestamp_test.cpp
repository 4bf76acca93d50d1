#include "base/timestamp.hpp"

#include <gtest/gtest.h>

namespace roe {
namespace {

TEST(Timestamp, Is_read_as_it_was_written) {
    for (const std::int64_t ms : {0LL, 1LL, 951'782'400'000LL, 1'795'546'799'999LL})
        EXPECT_EQ(read_timestamp(timestamp(WallTime(std::chrono::milliseconds(ms)))),
                  WallTime(std::chrono::milliseconds(ms)));
}

TEST(Timestamp, May_have_any_number_of_decimals_of_which_three_count) {
    EXPECT_EQ(timestamp(*read_timestamp("2026-11-24T18:00:00Z")), "2026-11-24T18:00:00.000Z");
    EXPECT_EQ(timestamp(*read_timestamp("2026-11-24T18:00:00.5Z")), "2026-11-24T18:00:00.500Z");
    EXPECT_EQ(timestamp(*read_timestamp("2024-02-29T23:59:59.999999Z")), "2024-02-29T23:59:59.999Z");
}

TEST(Timestamp, Is_nothing_else) {
    for (const char *text :
         {"", "Z", "2026-11-24T18:00:00", "2026-11-24 18:00:00Z", "2026-11-24T18:00:00+00:00",
          "2026-13-24T18:00:00Z", "2026-02-29T18:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T18:60:00Z",
          "2026-11-24T18:00:61Z", "2026-11-24T18:00:00.Z", "2026-11-24T18:00:00.1x2Z", "2026-11-24T18:00:00,5Z",
          "+026-11-24T18:00:00Z"})
        EXPECT_FALSE(read_timestamp(text)) << text;
}

} // namespace
} // namespace roe
