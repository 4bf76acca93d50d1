#include "source/imap/uid_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::imap {
namespace {

using testing::ElementsAre;

TEST(UidSet, Ranges_join_where_they_touch) {
    EXPECT_THAT(UidSet({5, 1, 2, 3, 9, 2}).texts(100, 100), ElementsAre("1:3,5,9"));
    UidSet set;
    set.add({10, 20});
    set.add(3);
    set.add({15, 25});
    set.add({1, 2});
    set.normalize();
    EXPECT_THAT(set.texts(100, 100), ElementsAre("1:3,10:25"));
    EXPECT_EQ(set.count(), 19U);
    EXPECT_EQ(set.highest(), 25U);
}

TEST(UidSet, Ranges_are_read_in_either_order_and_nothing_else_is) {
    EXPECT_EQ(UidSet::parse_range("7"), (UidSet::Range{7, 7}));
    EXPECT_EQ(UidSet::parse_range("9:3"), (UidSet::Range{3, 9}));
    for (const char *text : {"", "0", "*", "1:*", "1:", ":1", "1:2:3", "-1", "4294967296", "a"}) {
        EXPECT_FALSE(UidSet::parse_range(text)) << text;
    }
}

TEST(UidSet, A_hostile_range_costs_nothing) {
    UidSet set;
    set.add(*UidSet::parse_range("1:4294967295"));
    EXPECT_EQ(set.count(), 4294967295U);
    EXPECT_THAT(set.lowest(3), ElementsAre(1, 2, 3));
    EXPECT_THAT(set.lowest(3, 4294967293), ElementsAre(4294967294, 4294967295));
    set.add(4294967295);
    EXPECT_EQ(set.count(), 4294967295U);
}

TEST(UidSet, The_lowest_first_and_the_done_ones_dropped) {
    UidSet set({2, 3, 4, 8, 10});
    EXPECT_THAT(set.lowest(3), ElementsAre(2, 3, 4));
    EXPECT_THAT(set.lowest(9, 3), ElementsAre(4, 8, 10));
    set.drop_through(3);
    EXPECT_THAT(set.texts(100, 100), ElementsAre("4,8,10"));
    set.drop_through(10);
    EXPECT_TRUE(set.empty());
    set.drop_through(11);
    EXPECT_TRUE(set.empty());
}

TEST(UidSet, The_topmost_members_cost_no_more_than_they_are) {
    EXPECT_THAT(UidSet({1, 2, 3, 7, 9}).topmost(3), ElementsAre(9, 7, 3));
    EXPECT_THAT(UidSet({1, 2}).topmost(5), ElementsAre(2, 1));
    UidSet all;
    all.add({1, 4294967295});
    EXPECT_THAT(all.topmost(2), ElementsAre(4294967295, 4294967294));
}

TEST(UidSet, What_two_sets_share) {
    UidSet all;
    all.add({1, 4294967295});
    EXPECT_EQ(common(all, UidSet({3, 4, 9})), UidSet({3, 4, 9}));
    EXPECT_EQ(common(UidSet({1, 2, 5, 6, 8}), UidSet({2, 3, 4, 5, 8, 9})), UidSet({2, 5, 8}));
    EXPECT_TRUE(common(UidSet({1}), UidSet({2})).empty());
    EXPECT_TRUE(UidSet({1, 4, 5}).contains(4));
    EXPECT_FALSE(UidSet({1, 4, 5}).contains(3));
    EXPECT_FALSE(UidSet().contains(3));
}

TEST(UidSet, Commands_stay_short_in_bytes_and_in_mails) {
    EXPECT_THAT(UidSet({1, 3, 5, 7, 9}).texts(5, 100), ElementsAre("1,3,5", "7,9"));
    UidSet range;
    range.add({1, 10});
    EXPECT_THAT(range.texts(100, 4), ElementsAre("1:4", "5:8", "9:10"));
    EXPECT_THAT(UidSet({1, 2, 3, 7, 8}).texts(100, 1), ElementsAre("1", "2", "3", "7", "8"));
    EXPECT_THAT(UidSet().texts(100, 1), ElementsAre());
    UidSet end;
    end.add({4294967290, 4294967295});
    EXPECT_THAT(end.texts(100, 4), ElementsAre("4294967290:4294967293", "4294967294:4294967295"));
}

} // namespace
} // namespace roe::imap
