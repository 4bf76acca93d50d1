// When a parked session is taken up again.
#include <set>

#include <gtest/gtest.h>

#include "actions.hpp"
#include "scripted_stream.hpp"
#include "source/imap/imap_source.hpp"

namespace roe::imap {
namespace {

TEST(Parking, IDLE_is_renewed_within_nine_minutes_and_not_by_all_at_once) {
    std::set<std::chrono::milliseconds> limits;
    for (int i = 0; i < 200; ++i) {
        const auto source =
            make_source(replay::account_of(""),
                        std::make_shared<replay::ScriptedConnector>(std::make_shared<replay::Script>(1)),
                        std::make_shared<replay::StillClock>());
        EXPECT_LE(source->park_limit(), std::chrono::minutes(9));
        EXPECT_GE(source->park_limit(), std::chrono::minutes(8));
        limits.insert(source->park_limit());
    }
    EXPECT_GT(limits.size(), 100U);
}

} // namespace
} // namespace roe::imap
