#include "source/imap/words.hpp"

#include <gtest/gtest.h>

namespace roe::imap {
namespace {

TEST(Words, Are_one_clean_line) {
    EXPECT_EQ(clean_words(" a\r\n\tb\x1b[31m c \x7f"), "a b [31m c");
    EXPECT_EQ(clean_words("ä\xff\u202e"), "ä\ufffd");
    EXPECT_LE(clean_words(std::string(10'000, 'x')).size(), 310U);
}

TEST(Words, A_secret_is_struck_out) {
    EXPECT_EQ(strike_out("LOGIN ann hunter2 hunter2", "hunter2"), "LOGIN ann *** ***");
    EXPECT_EQ(strike_out("text", ""), "text");
    EXPECT_EQ(strike_out("***", "*"), "*********");
}

Status no(std::string code, std::string text) {
    return {.tag = "A1",
            .condition = Condition::no,
            .code = {.name = std::move(code), .words = {}, .number = 0},
            .text = std::move(text)};
}

TEST(Words, Tell_a_refusal_from_a_passing_fault) {
    const Fault refused = Fault::login_refused;
    EXPECT_EQ(fault_of(no("AUTHENTICATIONFAILED", "try again"), refused), Fault::login_refused);
    EXPECT_EQ(fault_of(no("", "LOGIN failed."), refused), Fault::login_refused);
    EXPECT_EQ(fault_of(no("UNAVAILABLE", ""), refused), Fault::unreachable);
    EXPECT_EQ(fault_of(no("", "Temporary authentication failure"), refused), Fault::unreachable);
    EXPECT_EQ(fault_of(no("INUSE", ""), refused), Fault::throttled);
    EXPECT_EQ(fault_of(no("LIMIT", ""), refused), Fault::throttled);
    EXPECT_EQ(fault_of(no("OVERQUOTA", "Account exceeded command or bandwidth limits"), refused),
              Fault::throttled);
    EXPECT_EQ(fault_of(no("", "Too many simultaneous connections"), refused), Fault::throttled);
    EXPECT_EQ(fault_of(no("ALERT", "Maximum number of connections from user+IP exceeded"), refused),
              Fault::throttled);
    EXPECT_EQ(fault_of(no("PRIVACYREQUIRED", ""), refused), Fault::not_encrypted);
    EXPECT_EQ(fault_of(no("NONEXISTENT", ""), Fault::refused), Fault::no_folder);
}

TEST(Words, The_back_off_hint_of_Exchange_is_read) {
    EXPECT_EQ(backoff_hint("Request is throttled. Suggested Backoff Time: 299961 milliseconds"),
              std::chrono::milliseconds(299961));
    EXPECT_EQ(backoff_hint("Suggested Backoff Time: 99999999999999 milliseconds"), std::chrono::hours(24));
    EXPECT_FALSE(backoff_hint("Suggested Backoff Time: soon"));
    EXPECT_FALSE(backoff_hint("Suggested Backoff Time:"));
}

} // namespace
} // namespace roe::imap
