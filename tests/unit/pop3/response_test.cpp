#include "source/pop3/response.hpp"

#include <gtest/gtest.h>

#include "source/pop3/authentication.hpp"
#include "source/pop3/capabilities.hpp"

namespace roe::pop3 {
namespace {

Status error_of(std::string_view words) {
    return *parse_status("-ERR " + std::string(words));
}

TEST(Pop3Status, Bare_and_lower_case_answers_are_answers) {
    EXPECT_TRUE(parse_status("+OK")->ok);
    EXPECT_TRUE(parse_status("+ok done")->ok);
    EXPECT_FALSE(parse_status("-err")->ok);
    EXPECT_FALSE(parse_status("").has_value());
    EXPECT_FALSE(parse_status("* OK").has_value());
    EXPECT_FALSE(parse_status("+").has_value());
}

TEST(Pop3Status, A_response_code_is_taken_from_its_brackets) {
    EXPECT_EQ(error_of("[in-use] busy").code, "IN-USE");
    EXPECT_EQ(error_of("[in-use] busy").text, "busy");
    EXPECT_EQ(error_of("[SYS/TEMP]").code, "SYS/TEMP");
    EXPECT_EQ(error_of("[no end").code, "");
    EXPECT_EQ(error_of("[no end").text, "[no end");
    EXPECT_EQ(error_of("[] none").code, "");
    EXPECT_EQ(error_of("<a@b> [AUTH] later").code, "");
}

TEST(Pop3Status, Numbers_of_mails_are_held_to_their_range) {
    EXPECT_EQ(parse_numbered("  7   abc ")->number, 7U);
    EXPECT_EQ(parse_numbered("7 abc def")->rest, "abc def");
    EXPECT_TRUE(parse_numbered("7")->rest.empty());
    for (const char *line : {"", "0 a", "-1 a", "7a b", "4294967296 a", "x 1"})
        EXPECT_FALSE(parse_numbered(line).has_value()) << line;
    for (const char *size : {"", "-5", "1.86931e+06", "18446744073709551616", "12x"})
        EXPECT_EQ(parse_size(size), 0) << size;
    EXPECT_EQ(parse_size("120 octets"), 120);
}

TEST(Pop3Status, Only_a_timestamp_in_the_form_of_a_Message_ID_counts) {
    EXPECT_EQ(timestamp_in("ready <1.2@host> go"), "<1.2@host>");
    for (const char *greeting : {"ready", "<no at>", "<1.2@ho st>", "<1.2@h\xf6st>", "<1.2@host", "<12>"})
        EXPECT_EQ(timestamp_in(greeting), "") << greeting;
}

TEST(Pop3Fault, A_locked_mailbox_waits_and_a_locked_account_does_not) {
    for (const char *words :
         {"[IN-USE] no", "Unable to lock maildrop: mailbox is locked by POP server", "mailbox in use",
          "maildrop already locked", "-ERR Can't get lock. Mailbox in use", "mailbox is busy"}) {
        EXPECT_TRUE(is_locked(error_of(words))) << words;
        EXPECT_EQ(fault_of(error_of(words), Fault::login_refused), Fault::throttled) << words;
    }
    for (const char *words : {"account locked", "[AUTH] mailbox is locked for this user", "wrong password",
                              "Your account is in use elsewhere", ""})
        EXPECT_FALSE(is_locked(error_of(words))) << words;
}

TEST(Pop3Fault, Codes_mean_what_they_say) {
    EXPECT_EQ(fault_of(error_of("[LOGIN-DELAY] x"), Fault::login_refused), Fault::throttled);
    EXPECT_EQ(fault_of(error_of("[SYS/TEMP] x"), Fault::login_refused), Fault::unreachable);
    EXPECT_EQ(fault_of(error_of("[SYS/PERM] try again"), Fault::login_refused), Fault::login_refused);
    EXPECT_EQ(fault_of(error_of("[AUTH] try again"), Fault::login_refused), Fault::login_refused);
    EXPECT_EQ(fault_of(error_of("temporary failure"), Fault::login_refused), Fault::unreachable);
}

TEST(Pop3Refusal, A_password_that_was_judged_is_not_tried_again) {
    using net::Mechanism;
    EXPECT_EQ(meaning_of(error_of("no"), Mechanism::plain, true), Refusal::of_login);
    EXPECT_EQ(meaning_of(error_of("[AUTH] no"), std::nullopt, true), Refusal::of_login);
    EXPECT_EQ(meaning_of(error_of("[IN-USE] no"), Mechanism::plain, false), Refusal::of_login);
    EXPECT_EQ(meaning_of(error_of("[AUTH] no"), Mechanism::scram_sha_256, false), Refusal::of_kind);
    EXPECT_EQ(meaning_of(error_of("no"), Mechanism::scram_sha_256, false), Refusal::of_mechanism);
    EXPECT_EQ(meaning_of(error_of("unknown command"), std::nullopt, true), Refusal::of_mechanism);
    EXPECT_EQ(meaning_of(error_of("no"), Mechanism::external, true), Refusal::of_mechanism);
    EXPECT_EQ(meaning_of(error_of("[AUTH] no"), Mechanism::gssapi, true), Refusal::of_mechanism);
    EXPECT_EQ(meaning_of(error_of("[SYS/TEMP] later"), Mechanism::gssapi, true), Refusal::of_login);
}

TEST(Pop3Capabilities, Lines_that_make_no_sense_are_passed_over) {
    Capabilities capabilities;
    for (const char *line : {"", "  ", "SASL=PLAIN", "sasl login", "LOGIN-DELAY 900 USER", "\xff\x01", "TOP"})
        capabilities.add(line);
    EXPECT_TRUE(capabilities.has("TOP"));
    EXPECT_FALSE(capabilities.has("UIDL"));
    EXPECT_TRUE(capabilities.has_mechanism("LOGIN"));
    EXPECT_EQ(capabilities.mechanisms(), "PLAIN, LOGIN");
    EXPECT_EQ(capabilities.login_delay(), std::chrono::seconds(900));
}

TEST(Pop3Capabilities, A_delay_is_a_number_within_reason) {
    for (const auto &[line, delay] :
         {std::pair{"LOGIN-DELAY", 0}, std::pair{"LOGIN-DELAY soon", 0}, std::pair{"LOGIN-DELAY -5", 0},
          std::pair{"LOGIN-DELAY 99999999", 3600}}) {
        Capabilities capabilities;
        capabilities.add(line);
        EXPECT_EQ(capabilities.login_delay(), std::chrono::seconds(delay)) << line;
    }
}

} // namespace
} // namespace roe::pop3
