#include "source/pop3/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::pop3 {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::string> names_of(const Listing &listing) {
    std::vector<std::string> names;
    for (const auto &mail : listing.all())
        names.emplace_back(mail.name);
    return names;
}

TEST(Listing, Mails_are_found_by_name_in_the_order_of_their_numbers) {
    Listing listing;
    for (const char *line : {"2 20", "1 10", "3 30"})
        listing.add_size(line);
    for (const char *line : {"3 a", "1 c", "2 b"})
        listing.add_name(line);
    EXPECT_THAT(listing.finish({}), IsEmpty());
    (void)listing.seal();
    EXPECT_THAT(names_of(listing), ElementsAre("c", "b", "a"));
    ASSERT_TRUE(listing.find("a").has_value());
    EXPECT_EQ(listing.at(*listing.find("a")).number, 3U);
    EXPECT_EQ(listing.at(*listing.find("a")).size, 30);
    EXPECT_FALSE(listing.find("d").has_value());
}

const std::string first_hash = std::string(16, 'a') + "-and-more";
const std::string second_hash = std::string(16, 'b') + "-and-more";

TEST(Listing, A_UIDL_that_repeats_is_told_apart_by_content_and_no_other_is_asked_for) {
    Listing listing;
    for (const char *line : {"1 x", "2 y", "3 x", "4 x"})
        listing.add_name(line);
    EXPECT_THAT(listing.finish({}), ElementsAre(0, 2, 3));
    listing.hash(0, first_hash);
    listing.hash(2, second_hash);
    listing.hash(3, first_hash);
    EXPECT_THAT(listing.seal(), ElementsAre(Pair("x", first_hash)));
    EXPECT_THAT(names_of(listing), ElementsAre("x", "y", "x#bbbbbbbbbbbbbbbb", "x#aaaaaaaaaaaaaaaa"));
}

// Else the second would take the first one's name once that is deleted, and count as known.
TEST(Listing, A_name_that_was_shared_stays_with_the_mail_that_had_it_first) {
    for (const auto &[hash, name] :
         {std::pair{first_hash, "x"}, std::pair{second_hash, "x#bbbbbbbbbbbbbbbb"}}) {
        Listing listing;
        listing.add_name("1 x");
        EXPECT_THAT(listing.finish({{"x", first_hash}}), ElementsAre(0));
        listing.hash(0, hash);
        EXPECT_THAT(listing.seal(), IsEmpty());
        EXPECT_THAT(names_of(listing), ElementsAre(name));
    }
}

TEST(Listing, A_mail_that_nothing_names_is_left_out) {
    Listing listing;
    listing.add_size("1 10");
    listing.add_size("2 20");
    EXPECT_THAT(listing.finish({}), ElementsAre(0, 1));
    listing.hash(0, std::string(64, 'a'));
    EXPECT_THAT(listing.seal(), IsEmpty());
    EXPECT_THAT(names_of(listing), ElementsAre("top-" + std::string(40, 'a')));
}

TEST(Listing, Names_that_fit_nowhere_are_hashed) {
    Listing listing;
    listing.add_name("1 " + std::string(71, 'u'));
    listing.add_name("2 b\xc3\xa4r");
    listing.add_name("3 two words");
    EXPECT_THAT(listing.finish({}), IsEmpty());
    (void)listing.seal();
    for (const auto &name : names_of(listing)) {
        EXPECT_EQ(name.size(), 44U);
        EXPECT_TRUE(name.starts_with("sha-"));
    }
}

} // namespace
} // namespace roe::pop3
