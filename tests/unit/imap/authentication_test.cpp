#include "source/imap/authentication.hpp"

#include <gtest/gtest.h>

namespace roe::imap {
namespace {

using net::Mechanism;

Status no(std::string code, std::string text = "no") {
    return {.tag = "A1",
            .condition = Condition::no,
            .code = {.name = std::move(code), .words = {}},
            .text = std::move(text)};
}

TEST(Refusal, Once_the_password_was_judged_there_is_no_next_mechanism) {
    for (const char *code : {"", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "ALERT"}) {
        for (const auto mechanism : {Mechanism::scram_sha_256, Mechanism::cram_md5, Mechanism::plain})
            EXPECT_EQ(meaning_of(no(code), mechanism, true), Refusal::of_login) << code;
    }
}

TEST(Refusal, What_the_server_cannot_do_says_nothing_of_the_password) {
    const Status bad{.tag = "A1", .condition = Condition::bad, .code = {}, .text = "what?"};
    for (const bool judged : {false, true}) {
        EXPECT_EQ(meaning_of(bad, Mechanism::plain, judged), Refusal::of_mechanism);
        EXPECT_EQ(meaning_of(no("CANNOT"), Mechanism::cram_md5, judged), Refusal::of_mechanism);
    }
    EXPECT_EQ(meaning_of(no(""), Mechanism::scram_sha_256, false), Refusal::of_mechanism);
}

TEST(Refusal, An_account_without_a_secret_for_proofs_is_asked_for_its_password_itself) {
    EXPECT_EQ(meaning_of(no("AUTHENTICATIONFAILED"), Mechanism::scram_sha_256, false), Refusal::of_kind);
}

TEST(Refusal, A_shut_account_and_a_server_in_trouble_end_the_login) {
    for (const char *code : {"AUTHORIZATIONFAILED", "EXPIRED", "CONTACTADMIN", "NOPERM", "UNAVAILABLE", "LIMIT",
                             "INUSE", "PRIVACYREQUIRED"})
        EXPECT_EQ(meaning_of(no(code), Mechanism::scram_sha_256, false), Refusal::of_login) << code;
    EXPECT_EQ(meaning_of(no("", "Too many simultaneous connections"), Mechanism::scram_sha_256, false),
              Refusal::of_login);
}

TEST(Refusal, A_certificate_that_is_no_login_leaves_the_password) {
    EXPECT_EQ(meaning_of(no("AUTHENTICATIONFAILED"), Mechanism::external, true), Refusal::of_mechanism);
}

TEST(Refusal, A_ticket_that_is_no_login_leaves_the_password) {
    for (const char *code : {"", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED"})
        for (const bool judged : {false, true})
            EXPECT_EQ(meaning_of(no(code), Mechanism::gssapi, judged), Refusal::of_mechanism) << code;
    EXPECT_EQ(meaning_of(no("UNAVAILABLE"), Mechanism::gssapi, true), Refusal::of_login);
}

} // namespace
} // namespace roe::imap
