// Signing in by a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/attempts.hpp"
#include "security/password_hash.hpp"
#include "security/sessions.hpp"
#include "support/event_stream.hpp"
#include "support/running_host.hpp"

namespace {

using host::Attempts;
using host::BrowserSessions;
using host::testing::Answer;
using nlohmann::json;
using std::chrono::seconds;
using ::testing::HasSubstr;

// A clock that a test moves.
struct MovedClock {
    std::chrono::steady_clock::time_point at{std::chrono::hours(1000)};
    auto reader() {
        return [this] { return at; };
    }
};

const host::User ann{"ann", host::Role::user, ""};

TEST(BrowserSessionsTest, A_session_ends_when_it_is_idle_or_old) {
    MovedClock clock;
    BrowserSessions sessions({.idle = seconds(60), .whole = seconds(100)}, clock.reader());
    const auto ticket = sessions.open(ann);
    clock.at += seconds(50);
    ASSERT_TRUE(sessions.find(ticket.cookie));
    EXPECT_EQ(sessions.find(ticket.cookie)->user.name, "ann");
    clock.at += seconds(40);
    EXPECT_TRUE(sessions.find(ticket.cookie)) << "used meanwhile";
    clock.at += seconds(20);
    EXPECT_FALSE(sessions.find(ticket.cookie)) << "too old, however used";
    const auto idle = sessions.open(ann);
    clock.at += seconds(61);
    EXPECT_FALSE(sessions.find(idle.cookie));
}

TEST(BrowserSessionsTest, They_are_bounded_and_the_one_idle_longest_goes) {
    MovedClock clock;
    BrowserSessions sessions({.most = 2}, clock.reader());
    const auto first = sessions.open(ann);
    clock.at += seconds(1);
    const auto second = sessions.open(ann);
    clock.at += seconds(1);
    EXPECT_TRUE(sessions.find(first.cookie));
    const auto third = sessions.open(ann);
    EXPECT_TRUE(sessions.find(first.cookie));
    EXPECT_FALSE(sessions.find(second.cookie));
    EXPECT_TRUE(sessions.find(third.cookie));
}

TEST(AttemptsTest, After_a_few_failures_each_further_one_costs_a_longer_wait) {
    MovedClock clock;
    Attempts attempts(clock.reader());
    for (int number = 0; number < 2; ++number)
        attempts.failed("ann", "10.0.0.1");
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1").count(), 0);
    attempts.failed("ann", "10.0.0.1");
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1"), seconds(1));
    attempts.failed("ann", "10.0.0.1");
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1"), seconds(2));
    clock.at += seconds(2);
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1").count(), 0);
    for (int number = 0; number < 15; ++number)
        attempts.failed("ann", "10.0.0.1");
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1"), Attempts::longest_wait);
    EXPECT_EQ(attempts.wait("ann", "10.0.0.2").count(), 0) << "her own address is not locked out yet";
    attempts.succeeded("ann", "10.0.0.1");
    EXPECT_EQ(attempts.wait("ann", "10.0.0.1").count(), 0);
}

TEST(AttemptsTest, One_address_that_tries_many_names_is_slowed_down_too) {
    MovedClock clock;
    Attempts attempts(clock.reader());
    for (int number = 0; number < 20; ++number)
        attempts.failed("name " + std::to_string(number), "10.0.0.1");
    EXPECT_GT(attempts.wait("somebody", "10.0.0.1").count(), 0);
    EXPECT_EQ(attempts.wait("somebody", "10.0.0.2").count(), 0);
}

class SigningIn : public host::testing::RunningHost {
  protected:
    void SetUp() override {
        auto with = host::testing::configuration();
        with["Users"][0]["Password"] = host::hash_password("correct horse");
        start(with);
    }
    Answer sign_in(const std::string &password,
                   const std::map<std::string, std::string> &headers = {{"Content-Type", "application/json"}}) {
        return as("").call("POST", "/api/login", json{{"name", "root"}, {"password", password}}.dump(),
                           headers);
    }
    // "orch_session=..." as a browser sends it back.
    static std::string cookie_of(const Answer &answer) {
        const auto &line = answer.headers.at("Set-Cookie");
        return line.substr(0, line.find(';'));
    }
};

TEST_F(SigningIn, Gives_a_cookie_that_neither_scripts_nor_other_sites_can_use) {
    const auto answer = sign_in("correct horse");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["role"], "Administrator");
    const auto &line = answer.headers.at("Set-Cookie");
    for (const char *part : {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="}) {
        EXPECT_THAT(line, HasSubstr(part));
    }
    EXPECT_THAT(line, ::testing::Not(HasSubstr("Secure"))) << "plain HTTP";
    const auto behind_tls = sign_in(
        "correct horse", {{"Content-Type", "application/json; charset=utf-8"}, {"X-Forwarded-Proto", "https"}});
    EXPECT_THAT(behind_tls.headers.at("Set-Cookie"), HasSubstr("Secure"));
    const auto me = as("").call("GET", "/api/me", "", {{"Cookie", "a=b; " + cookie_of(answer) + "; c=d"}});
    ASSERT_EQ(me.status, 200);
    EXPECT_EQ(me.json()["name"], "root");
    EXPECT_EQ(me.json()["csrfToken"], answer.json()["csrfToken"]);
    EXPECT_EQ(as("").call("GET", "/api/me", "", {{"Cookie", "orch_session=guessed"}}).status, 401);
}

TEST_F(SigningIn, A_change_needs_the_token_that_only_the_hosts_own_page_can_know) {
    const auto answer = sign_in("correct horse");
    const auto cookie = cookie_of(answer);
    const auto put = [&](const std::map<std::string, std::string> &more) {
        std::map<std::string, std::string> headers{{"Cookie", cookie}};
        headers.insert(more.begin(), more.end());
        return as("").call("PUT", "/api/assets/x", "{}", headers);
    };
    EXPECT_EQ(put({}).status, 403);
    EXPECT_EQ(put({}).json()["code"], "csrf");
    EXPECT_EQ(put({{"X-CSRF-Token", "wrong"}}).status, 403);
    EXPECT_EQ(put({{"X-CSRF-Token", answer.json()["csrfToken"]}}).status, 200);
    const auto another = sign_in("correct horse");
    EXPECT_EQ(put({{"X-CSRF-Token", another.json()["csrfToken"]}}).status, 403) << "another session's";
}

TEST_F(SigningIn, Rotates_the_session_and_signing_out_ends_it) {
    const auto first = sign_in("correct horse");
    const auto second =
        sign_in("correct horse", {{"Content-Type", "application/json"}, {"Cookie", cookie_of(first)}});
    EXPECT_NE(cookie_of(first), cookie_of(second));
    const auto status = [&](const Answer &of) {
        return as("").call("GET", "/api/me", "", {{"Cookie", cookie_of(of)}}).status;
    };
    EXPECT_EQ(status(first), 401) << "a session that was there before the sign-in is worth nothing after it";
    EXPECT_EQ(status(second), 200);
    const auto sign_out = [&](const std::string &csrf) {
        return as("").call("POST", "/api/logout", "", {{"Cookie", cookie_of(second)}, {"X-CSRF-Token", csrf}});
    };
    EXPECT_EQ(sign_out("").status, 403);
    const auto out = sign_out(second.json()["csrfToken"]);
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(out.headers.at("Set-Cookie"), HasSubstr("Max-Age=0"));
    EXPECT_EQ(status(second), 401);
}

TEST_F(SigningIn, Ends_an_event_stream_when_its_session_ends) {
    const auto answer = sign_in("correct horse");
    host::testing::EventStream stream(host_->address(), {{"Cookie", cookie_of(answer)}});
    ASSERT_EQ(stream.next()->kind, "open");
    as("").call("POST", "/api/logout", "",
                {{"Cookie", cookie_of(answer)}, {"X-CSRF-Token", answer.json()["csrfToken"]}});
    while (stream.next()) {
    }
    SUCCEED() << "it has ended by itself";
}

TEST_F(SigningIn, Takes_JSON_only_so_that_no_form_of_another_site_can_do_it) {
    const auto refused = sign_in("correct horse", {{"Content-Type", "text/plain"}});
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(refused.json()["title"], "Unsupported Media Type");
    EXPECT_EQ(sign_in("correct horse", {}).status, 415);
    const auto empty = as("").call("POST", "/api/login", "{}", {{"Content-Type", "application/json"}});
    EXPECT_EQ(empty.status, 422);
    EXPECT_EQ(empty.json()["errors"].size(), 2U);
}

TEST_F(SigningIn, Is_slowed_down_after_failures_and_the_journal_tells_of_both) {
    for (int number = 0; number < 3; ++number) {
        const auto answer = sign_in("wrong horse");
        ASSERT_EQ(answer.status, 401);
        EXPECT_EQ(answer.json()["code"], "wrong-credentials");
    }
    const auto answer = sign_in("correct horse");
    EXPECT_EQ(answer.status, 429) << "even the right one waits";
    EXPECT_TRUE(answer.headers.contains("Retry-After"));
    EXPECT_TRUE(host::testing::eventually([&] { return sign_in("correct horse").status == 200; }));
    const auto journal = as("root-token").get("/api/journal").json();
    ASSERT_GE(journal["items"].size(), 4U);
    EXPECT_EQ(journal["items"][0]["name"], "SignedIn");
    EXPECT_EQ(journal["items"][0]["user"], "root");
    EXPECT_EQ(journal["items"][1]["name"], "SignInRefused");
    EXPECT_THAT(journal.dump(), ::testing::Not(HasSubstr("horse")));
}

TEST_F(SigningIn, A_user_without_a_password_cannot_and_looks_like_one_who_is_not_there) {
    for (const char *name : {"joe", "nobody"}) {
        const auto answer = as("").call("POST", "/api/login", json{{"name", name}, {"password", "x"}}.dump(),
                                        {{"Content-Type", "application/json"}});
        EXPECT_EQ(answer.status, 401) << name;
        EXPECT_EQ(answer.json()["code"], "wrong-credentials");
    }
}

} // namespace
