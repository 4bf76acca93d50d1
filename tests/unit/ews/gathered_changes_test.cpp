#include "source/ews/gathered_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Listed {
    const char *name;
    int received_at = 0; // seconds; 0: the server does not say
};

SyncChanges page(std::initializer_list<Listed> created, std::initializer_list<const char *> deleted = {}) {
    SyncChanges changes;
    for (const auto &one : created) {
        Item item;
        item.item.id = one.name;
        item.received_at = WallTime(std::chrono::seconds(one.received_at));
        changes.created.push_back(std::move(item));
    }
    for (const auto *name : deleted)
        changes.deleted.push_back({name, {}});
    return changes;
}

TEST(GatheredChanges, Mails_of_one_moment_keep_their_order_where_the_newest_come_first) {
    GatheredChanges gathered;
    gathered.add(page({{"e", 3}, {"d", 2}, {"c", 2}}));
    gathered.add(page({{"b", 2}, {"a", 1}}));
    EXPECT_THAT(gathered.there(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(GatheredChanges, Mails_of_one_moment_keep_their_order_where_the_oldest_come_first) {
    GatheredChanges gathered;
    gathered.add(page({{"a", 1}, {"b", 2}, {"c", 2}}));
    gathered.add(page({{"d", 2}, {"e", 3}}));
    EXPECT_THAT(gathered.there(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(GatheredChanges, What_earlier_pages_told_of_the_order_holds_for_a_page_of_one_moment) {
    GatheredChanges gathered;
    gathered.add(page({{"a", 1}, {"b", 2}}));
    gathered.clear();
    EXPECT_THAT(gathered.there(), IsEmpty());
    gathered.add(page({{"c", 3}, {"d", 3}}));
    EXPECT_THAT(gathered.there(), ElementsAre("c", "d"));
}

TEST(GatheredChanges, Where_no_times_differ_the_newest_come_first_as_on_Exchange) {
    GatheredChanges gathered;
    gathered.add(page({{"c", 1}, {"b", 1}, {"a", 1}}));
    EXPECT_THAT(gathered.there(), ElementsAre("a", "b", "c"));
}

TEST(GatheredChanges, Fractions_of_a_millisecond_tell_the_order_too) {
    auto exact = page({{"a", 1}, {"b", 1}, {"c", 1}});
    for (int n = 0; n < 3; ++n)
        exact.created[static_cast<std::size_t>(n)].received_more = std::chrono::nanoseconds(100 * n);
    GatheredChanges gathered;
    gathered.add(exact);
    EXPECT_THAT(gathered.there(), ElementsAre("a", "b", "c"));
}

TEST(GatheredChanges, Where_there_are_no_times_the_servers_own_order_holds) {
    GatheredChanges gathered;
    gathered.add(page({{"b"}, {"a"}}));
    EXPECT_THAT(gathered.there(), ElementsAre("b", "a"));
}

TEST(GatheredChanges, A_mail_without_a_time_stays_beside_its_neighbour) {
    GatheredChanges gathered;
    gathered.add(page({{"a", 1}, {"b", 2}, {"c"}, {"d", 3}}));
    EXPECT_THAT(gathered.there(), ElementsAre("a", "b", "c", "d"));
}

TEST(GatheredChanges, A_mail_that_came_and_went_is_gone) {
    GatheredChanges gathered;
    gathered.add(page({{"a", 1}, {"b", 2}}));
    gathered.add(page({}, {"a"}));
    EXPECT_THAT(gathered.there(), ElementsAre("b"));
    EXPECT_THAT(gathered.gone(), ElementsAre("a"));
    EXPECT_EQ(gathered.size(), 2U);
}

} // namespace
} // namespace roe::ews
