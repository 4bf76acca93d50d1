#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orch/sdk/outcome.hpp"

namespace {

using namespace orch::sdk;

Outcome<int> half(int number) {
    if (number % 2 != 0) {
        return failed("odd");
    }
    return number / 2;
}

TEST(Outcome, Holds_a_value_or_the_failure_that_took_its_place) {
    EXPECT_TRUE(half(4));
    EXPECT_EQ(*half(4), 2);
    EXPECT_FALSE(half(3));
    EXPECT_EQ(half(3).failure().words, "odd");
    EXPECT_EQ(half(3).failure().status, Status::failed);
}

TEST(Outcome, Says_the_failures_words_to_whoever_reads_a_value_that_is_not_there) {
    try {
        (void)half(3).value();
        FAIL() << "a value was read";
    } catch (const std::logic_error &fault) {
        EXPECT_STREQ(fault.what(), "asked a failed outcome for its value: odd");
    }
    EXPECT_THROW((void)half(2).failure(), std::logic_error);
    EXPECT_THROW((void)Outcome<void>().failure(), std::logic_error);
}

TEST(Outcome, Of_a_reference_lends_the_thing_itself) {
    int number = 1;
    const Outcome<int &> lent(number);
    *lent = 2;
    EXPECT_EQ(number, 2);
    EXPECT_EQ(Outcome<int &>(not_found("none")).failure().status, Status::not_found);
}

TEST(Outcome, Of_JSON_takes_a_failure_as_failure_and_not_as_a_value) {
    const Outcome<nlohmann::json> outcome = invalid({{"Email", "Give an address."}});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.failure().fields.at(0), (FieldError{"Email", "Give an address."}));
}

} // namespace
