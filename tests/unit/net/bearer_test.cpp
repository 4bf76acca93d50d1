#include "net/bearer.hpp"

#include <gtest/gtest.h>

#include "net/sasl.hpp"

namespace roe::net {
namespace {

using namespace std::string_literals;

const Credentials ann{.login = "ann@example.com",
                      .password = {},
                      .token = "ya29.token",
                      .certificate = false,
                      .service = "imap",
                      .server = "imap.example.com",
                      .port = 993};

TEST(Bearer, OAUTHBEARER_says_who_where_and_with_what) {
    // RFC 7628 §4.1.
    EXPECT_EQ(oauthbearer_words("user@example.com", "server.example.com", 143,
                                "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
              "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer "
              "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"s);
}

TEST(Bearer, A_login_with_a_comma_or_an_equals_sign_stays_one_name) {
    EXPECT_TRUE(oauthbearer_words("a,b=c", "h", 1, "t").starts_with("n,a=a=2Cb=3Dc,\1"));
}

TEST(Bearer, XOAUTH2_says_who_and_with_what) {
    EXPECT_EQ(xoauth2_words("ann@example.com", "t"), "user=ann@example.com\1auth=Bearer t\1\1"s);
}

TEST(Bearer, A_refusal_is_turned_into_words) {
    const std::string words = "the server did not take the access token";
    EXPECT_EQ(bearer_refusal(R"({"status":"invalid_token","scope":"https://mail.google.com/"})"),
              words + " (invalid_token); it wants the scope https://mail.google.com/");
    EXPECT_EQ(bearer_refusal(R"({"status":"401","schemes":"bearer"})"), words + " (401)");
    for (const auto *nonsense : {"", "no JSON", "[]", R"({"status":{"a":1}})", "null"})
        EXPECT_EQ(bearer_refusal(nonsense), words) << nonsense;
}

struct AnswerCase {
    Mechanism mechanism;
    const char *answer; // to the server's JSON
};

class Conversation : public testing::TestWithParam<AnswerCase> {};

TEST_P(Conversation, A_servers_error_is_answered_as_its_mechanism_wants_and_then_all_is_said) {
    SaslExchange exchange(GetParam().mechanism, ann);
    ASSERT_TRUE(exchange.client_begins());
    ASSERT_TRUE(exchange.answer({}).has_value());
    EXPECT_TRUE(exchange.complete());
    EXPECT_TRUE(exchange.judged());
    // {"status":"400"}
    EXPECT_EQ(exchange.answer("eyJzdGF0dXMiOiI0MDAifQ=="), GetParam().answer);
    EXPECT_FALSE(exchange.complete()) << "a yes after this is none";
    EXPECT_NE(exchange.refusal().find("(400)"), std::string::npos);
    EXPECT_FALSE(exchange.answer("").has_value());
}

INSTANTIATE_TEST_SUITE_P(Bearer, Conversation,
                         testing::Values(AnswerCase{Mechanism::oauthbearer, "AQ=="},
                                         AnswerCase{Mechanism::xoauth2, ""}));

TEST(Bearer, Who_has_a_token_shows_nothing_else) {
    auto both = ann;
    both.password = "secret";
    const auto all = [](std::string_view) { return true; };
    const std::vector<Mechanism> expected{Mechanism::oauthbearer, Mechanism::xoauth2};
    EXPECT_EQ(mechanisms_for(both, all, true), expected);
    both.token = {};
    for (const auto mechanism : mechanisms_for(both, all, true))
        EXPECT_TRUE(mechanism != Mechanism::xoauth2 && mechanism != Mechanism::oauthbearer);
}

TEST(Bearer, A_login_that_would_end_the_words_early_is_not_sent) {
    auto sly = ann;
    sly.login = "ann\1auth=Bearer other";
    SaslExchange exchange(Mechanism::xoauth2, sly);
    EXPECT_FALSE(exchange.answer({}).has_value());
}

} // namespace
} // namespace roe::net
