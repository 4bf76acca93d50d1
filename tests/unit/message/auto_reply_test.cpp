#include "message/auto_reply.hpp"

#include <string>

#include <gtest/gtest.h>

namespace roe::message {
namespace {

TEST(AutomaticReply, Is_known_by_its_signs) {
    for (const char *sign :
         {"Auto-Submitted: auto-replied", "auto-submitted: Auto-Generated; owner-email=\"a@b.c\"",
          "Auto-Submitted: (vacation) auto-replied", "Auto-Submitted: auto-notified",
          "Auto-Submitted: something-new", "Precedence: bulk", "Precedence: JUNK", "Precedence: auto_reply",
          "Return-Path: <>", "Return-Path: < >",
          "Content-Type: multipart/report; report-type=delivery-status; boundary=x"})
        EXPECT_NE(automatic_sign(std::string("From: a@b.c\r\n") + sign + "\r\nSubject: x\r\n"), "") << sign;
}

TEST(AutomaticReply, Is_not_what_people_send) {
    for (const char *no_sign :
         {"Auto-Submitted: no", "Auto-Submitted: No (written by hand)", "Auto-Submitted:", "Precedence: list",
          "Precedence: normal", "Precedence: first-class", "Return-Path: <ann@example.org>",
          "Return-Path:", "X-Auto-Response-Suppress: All", "Subject: Auto-Submitted: auto-replied",
          "List-Id: <a.example>", "Content-Type: multipart/mixed; boundary=x"})
        EXPECT_EQ(automatic_sign(std::string("From: a@b.c\r\n") + no_sign + "\r\n"), "") << no_sign;
    EXPECT_EQ(automatic_sign(""), "");
}

TEST(AutomaticReply, Any_of_several_fields_may_tell) {
    EXPECT_EQ(automatic_sign("Auto-Submitted: no\r\nAuto-Submitted: auto-replied (away)\r\n"),
              "Auto-Submitted: auto-replied (away)");
    EXPECT_LT(automatic_sign("Auto-Submitted: x" + std::string(10'000, 'y') + "\r\n").size(), 200U);
}

} // namespace
} // namespace roe::message
