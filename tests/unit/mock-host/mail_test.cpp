// Mails of the host: what they look like, and how they get out.
#include "mail/postman.hpp"

#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mail/address.hpp"
#include "mail/composed_mail.hpp"
#include "security/base64.hpp"
#include "store/journal.hpp"
#include "support/scratch.hpp"
#include "support/smtp_server.hpp"

namespace {

using namespace host;
using namespace std::chrono_literals;
using host::testing::eventually;
using host::testing::Scratch;
using host::testing::SmtpServer;
using orch::sdk::Notification;
using orch::sdk::Status;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(MailAddress, Is_what_can_stand_in_a_header_as_it_is) {
    for (const auto *good : {"ann@shop.example", "a.b+c=d@x", "o'neill@xn--80a1acny.example", "a@b-c.d"})
        EXPECT_TRUE(is_mail_address(good)) << good;
    for (const auto *bad : {"",
                            "@",
                            "a@",
                            "@b",
                            "a",
                            "a b@c",
                            "a@b c",
                            "a@b\r\nBcc: x@y",
                            "a\n@b",
                            "a@b>",
                            "<a@b>",
                            "a,b@c",
                            "a@b,c@d",
                            "\"a\"@b",
                            ".a@b",
                            "a.@b",
                            "a..b@c",
                            "a@-b",
                            "a@b-",
                            "a@b..c",
                            "a@[127.0.0.1]",
                            "анна@shop.example",
                            "a@магазин.example"})
        EXPECT_FALSE(is_mail_address(bad)) << bad;
    EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b"));
    EXPECT_FALSE(is_mail_address("a@" + std::string(64, 'b')));
    EXPECT_FALSE(is_message_id("a@b>\r\nBcc: x"));
    EXPECT_FALSE(is_message_id("a b"));
    EXPECT_TRUE(is_message_id("1.2$@[127.0.0.1]"));
}

MailDraft a_draft() {
    return {"orch@host.example", "ann@shop.example",   "Auto: Order",
            "Done.\n",           "1@shop.example",     {"0@shop.example", "1@shop.example"},
            "m@host.example",    1'700'000'000'000'000};
}

TEST(ComposedMail, Says_who_when_in_answer_to_what_and_that_a_program_wrote_it) {
    const std::string expected = "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
                                 "From: <orch@host.example>\r\n"
                                 "To: <ann@shop.example>\r\n"
                                 "Message-ID: <m@host.example>\r\n"
                                 "In-Reply-To: <1@shop.example>\r\n"
                                 "References: <0@shop.example>\r\n <1@shop.example>\r\n"
                                 "Subject: Auto: Order\r\n"
                                 "Auto-Submitted: auto-replied\r\n"
                                 "X-Auto-Response-Suppress: All\r\n"
                                 "MIME-Version: 1.0\r\n"
                                 "Content-Type: text/plain; charset=utf-8\r\n"
                                 "Content-Transfer-Encoding: base64\r\n"
                                 "\r\n" +
                                 base64("Done.\r\n") + "\r\n";
    EXPECT_EQ(composed_mail(a_draft()), expected);
}

// The Subject field of a mail, unfolded, its encoded words decoded.
std::string decoded_subject(const std::string &mail) {
    const auto begin = mail.find("Subject: ") + 9;
    std::string field = mail.substr(begin, mail.find("\r\nAuto-Submitted") - begin);
    std::string decoded;
    const std::regex word("=\\?utf-8\\?b\\?([A-Za-z0-9+/=]*)\\?=(\r\n )?");
    for (std::smatch found; std::regex_search(field, found, word); field = found.suffix())
        decoded += found.prefix().str() + from_base64(found[1].str()).value_or("(no base64)");
    return decoded + field;
}

TEST(ComposedMail, A_subject_of_any_kind_comes_back_whole_and_breaks_no_line) {
    std::string cyrillic;
    for (int i = 0; i < 60; ++i)
        cyrillic += "Щ€😀";
    for (const std::string &subject :
         {std::string("Счёт № 5"), cyrillic, std::string(700, 'x'), std::string("=?x"),
          std::string("\xFF\xFE broken \x80\x80\x80\x80\x80")}) {
        auto draft = a_draft();
        draft.subject = subject;
        const auto mail = composed_mail(draft);
        EXPECT_EQ(decoded_subject(mail), subject);
        for (const char c : mail)
            ASSERT_TRUE(c > 0 && c < 0x7F);
        for (std::size_t at = 0; at < mail.size(); at = mail.find("\r\n", at) + 2)
            ASSERT_LE(mail.find("\r\n", at) - at, 76U);
    }
}

TEST(ComposedMail, Nothing_in_subject_or_text_makes_a_field) {
    auto draft = a_draft();
    draft.subject = "a\r\nBcc: victim@elsewhere.example\n\nx";
    draft.text = "\n.\r\nBcc: victim@elsewhere.example\n";
    const auto mail = composed_mail(draft);
    EXPECT_THAT(mail, Not(HasSubstr("\nBcc")));
    EXPECT_EQ(decoded_subject(mail), "a  Bcc: victim@elsewhere.example  x");
}

class APostman : public ::testing::Test {
  protected:
    void open() {
        postman_.reset();
        SmtpSettings settings;
        settings.host = "127.0.0.1";
        settings.port = server_.port();
        settings.security = SmtpSecurity::none;
        settings.from = "orch@host.example";
        postman_ = std::make_unique<Postman>(database_, keys_, settings, patience_);
        postman_->start();
    }
    orch::sdk::Outcome<void> hand_over(const std::string &key, const std::string &to = "ann@shop.example") {
        return postman_->accept("probe", "acme", key, {{to}, "subject", "text", {}, {}});
    }
    std::int64_t waiting() { return postman_->counts().waiting; }
    std::vector<std::string> given_up() {
        std::vector<std::string> reasons;
        const auto rows = database_.read([](Session &session) {
            std::vector<std::string> details;
            using namespace Poco::Data::Keywords;
            session << "SELECT tenant || ' ' || plugin || ' ' || details FROM journal WHERE code = 50501 ORDER "
                       "BY seq",
                into(details), now;
            return details;
        });
        return rows;
    }
    // So many mails were taken and nothing waits.
    void expect_mails(std::size_t count) {
        EXPECT_TRUE(eventually([&] { return server_.mails().size() >= count && waiting() == 0; }));
        EXPECT_THAT(server_.mails(), SizeIs(count));
    }

    Scratch scratch_;
    SmtpServer server_;
    Database database_{scratch_ / "host.sqlite"};
    KeyRing keys_ = KeyRing::from_text(base64(std::string(32, 'k')));
    PostmanPatience patience_{1ms, 5ms, 72h};
    std::unique_ptr<Postman> postman_;
};

TEST_F(APostman, Sends_each_key_once_to_each_address_and_names_no_one_who_bounces) {
    open();
    EXPECT_TRUE(
        postman_->accept("probe", "", "k", {{"ann@shop.example", "bob@shop.example"}, "s", "t", {}, {}}));
    EXPECT_TRUE(postman_->accept("probe", "", "k", {{"ann@shop.example"}, "s", "t", {}, {}}));
    EXPECT_TRUE(postman_->accept("other", "", "k", {{"eve@shop.example"}, "s", "t", {}, {}}));
    expect_mails(3);
    EXPECT_TRUE(eventually([&] { return postman_->counts().sent == 3; })) << "counted after it no longer waits";
    EXPECT_THAT(server_.heard(), Contains("MAIL FROM:<>").Times(3));
    EXPECT_THAT(server_.heard(), Contains("RCPT TO:<bob@shop.example>"));
    EXPECT_THAT(server_.mails()[0], Not(HasSubstr("bob")));
    open();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_EQ(waiting(), 0) << "a key is kept over a restart";
}

TEST_F(APostman, Refuses_what_can_not_be_mailed_in_words) {
    open();
    const auto words = [&](const Notification &message) {
        const auto taken = postman_->accept("probe", "", "k", message);
        EXPECT_EQ(taken.failure().status, Status::invalid);
        return taken.failure().words;
    };
    EXPECT_THAT(words({{"a@b\r\nBcc: c@d"}, "s", "t", {}, {}}), HasSubstr("addresses"));
    EXPECT_THAT(words({{"a@b"}, std::string(1001, 's'), "t", {}, {}}), HasSubstr("subject"));
    EXPECT_THAT(words({{"a@b"}, "s", std::string((64 << 10) + 1, 't'), {}, {}}), HasSubstr("text"));
    EXPECT_THAT(words({{"a@b"}, "s", "t", "1>\r\nBcc: c@d", {}}), HasSubstr("inReplyTo"));
    EXPECT_THAT(words({{"a@b"}, "s", "t", {}, {"1", "2 3"}}), HasSubstr("references"));
    EXPECT_THAT(words({{"a@b"}, "s", "t", {}, std::vector<std::string>(101, "1")}), HasSubstr("references"));
    EXPECT_TRUE(hand_over("k")) << "the key is not used up";
    expect_mails(1);
}

TEST_F(APostman, Tries_again_what_the_server_does_not_want_now) {
    std::atomic<int> asked = 0;
    server_.answer([&](const std::string &command) {
        if (command.starts_with("RCPT") && ++asked < 3) return std::string("451 greylisted\r\n");
        return SmtpServer::friendly(command);
    });
    open();
    EXPECT_TRUE(hand_over("k"));
    expect_mails(1);
    EXPECT_THAT(given_up(), IsEmpty());
}

TEST_F(APostman, Gives_up_at_once_what_the_server_refuses_for_good_and_goes_on) {
    server_.answer([](const std::string &command) {
        return command.find("<ann@") != std::string::npos ? "550 <ann@shop.example>: unknown\r\n"
                                                          : SmtpServer::friendly(command);
    });
    open();
    EXPECT_TRUE(hand_over("k1"));
    EXPECT_TRUE(hand_over("k2", "bob@shop.example"));
    expect_mails(1);
    EXPECT_THAT(given_up(), ElementsAre(HasSubstr("acme probe ")));
    EXPECT_THAT(given_up(), Each(HasSubstr("550 <(address)>: unknown")));
    EXPECT_TRUE(eventually([&] { return postman_->counts().given_up == 1; }));
}

TEST_F(APostman, A_mail_that_is_refused_after_its_text_is_given_up_too) {
    server_.answer([](const std::string &command) {
        return command == "." ? "554 spam\r\n" : SmtpServer::friendly(command);
    });
    open();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_TRUE(eventually([&] { return !given_up().empty(); }));
    EXPECT_THAT(given_up(), Each(HasSubstr("554 spam")));
    EXPECT_EQ(waiting(), 0);
}

TEST_F(APostman, Gives_up_what_has_become_too_old) {
    patience_.give_up_after = 0ms;
    server_.answer([](const std::string &) { return std::string("421 closing\r\n"); });
    open();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_TRUE(eventually([&] { return !given_up().empty(); }));
    EXPECT_THAT(given_up(), Each(HasSubstr("tried for too long; at last")));
    EXPECT_THAT(given_up(), Each(HasSubstr("421 closing")));
}

TEST_F(APostman, A_server_that_ends_in_the_midst_of_an_answer_or_session_keeps_nothing_from_going_out) {
    std::atomic<int> sessions = 0;
    server_.answer([&](const std::string &command) -> std::string {
        if (command == "connect") ++sessions;
        if (sessions == 1 && command.starts_with("EHLO")) return "250-here\r\n"; // Poco would read on for ever
        if (sessions == 2 && command == "connect") return "";
        if (sessions == 3 && command.starts_with("RCPT")) return "421 going down\r\n";
        if (sessions == 4 && command == ".") return "";
        if (sessions == 5 && command.starts_with("EHLO")) return std::string(5000, 'x') + "\r\n";
        return SmtpServer::friendly(command);
    });
    open();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_TRUE(eventually([&] { return sessions >= 6 && waiting() == 0; }));
    EXPECT_THAT(given_up(), IsEmpty());
}

TEST_F(APostman, Stops_at_once_although_the_server_says_nothing_and_sends_after_the_next_start) {
    std::atomic<bool> connected = false;
    server_.answer([&](const std::string &command) -> std::string {
        connected = connected || command == "connect";
        return "wait";
    });
    open();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_TRUE(eventually([&] { return connected.load(); }));
    postman_->stop();
    EXPECT_EQ(waiting(), 1);
    server_.answer(SmtpServer::friendly);
    open();
    expect_mails(1);
}

TEST_F(APostman, Sends_nothing_where_the_encryption_that_is_wanted_is_not_offered) {
    SmtpSettings settings;
    settings.host = "127.0.0.1";
    settings.port = server_.port();
    settings.from = "orch@host.example";
    settings.user_name = "orch";
    settings.password = keys_.seal(configuration_context, "secret");
    postman_ = std::make_unique<Postman>(database_, keys_, settings, patience_);
    postman_->start();
    EXPECT_TRUE(hand_over("k"));
    EXPECT_TRUE(eventually([&] { return server_.heard().size() >= 4; })) << "it is tried again";
    postman_->stop();
    EXPECT_THAT(server_.heard(), Each(Not(HasSubstr("AUTH"))));
    EXPECT_THAT(server_.heard(), Each(Not(HasSubstr("MAIL"))));
    EXPECT_EQ(waiting(), 1);
}

TEST_F(APostman, A_certificate_that_is_none_is_refused_with_the_configuration) {
    SmtpSettings settings;
    settings.from = "a@b";
    settings.ca_certificate = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    EXPECT_THROW(Postman(database_, keys_, settings), ConfigurationRefused);
}

} // namespace
