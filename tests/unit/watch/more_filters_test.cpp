#include <filesystem>

#include <gmock/gmock.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using trigger::Condition;
using trigger::Parameters;

class MoreFilters : public MailroomTest {
  protected:
    static Condition body_contains(const std::string &text) {
        Condition condition;
        condition.field = Condition::Field::body;
        condition.text = text;
        return condition;
    }

    static Condition to_contains(const std::string &text) {
        Condition condition;
        condition.field = Condition::Field::to;
        condition.text = text;
        return condition;
    }

    static Parameters with(trigger::Conditions conditions) {
        Parameters parameters;
        parameters.more_filters = std::move(conditions);
        return parameters;
    }

    // Waits until the trigger has decided on so many mails.
    void expect_decided(const std::string &trigger, std::size_t count) {
        EXPECT_TRUE(eventually([&] { return log_of(trigger).size() == count; }));
    }

    // What lies in the spool, but for files.
    [[nodiscard]] std::vector<std::string> spool_folders() const {
        std::vector<std::string> folders;
        for (const auto &entry : std::filesystem::directory_iterator(host.spool))
            folders.push_back(entry.path().filename().string());
        return folders;
    }
};

TEST_F(MoreFilters, A_mail_is_fetched_only_if_its_headers_match_every_condition_on_them) {
    const auto parameters = with({body_contains("order"), to_contains("nobody@example.com")});
    given_trigger("t1", parameters);
    folder->add("bob@example.org", "Hello", "an order");
    look();
    expect_decided("t1", 1);
    expect_jobs(0);
    EXPECT_THAT(folder->fetched, IsEmpty());
    EXPECT_EQ(log_of("t1").front().reason_code, "to");
}

TEST_F(MoreFilters, A_mail_whose_text_does_not_match_starts_nothing_and_leaves_nothing_behind) {
    given_trigger("t1", with({body_contains("ORDER")}));
    const auto other = folder->add("bob@example.org", "One", "Lunch?");
    const auto wanted = folder->add("bob@example.org", "Two", "Here is an order.");
    look();
    expect_jobs(1);
    expect_decided("t1", 2);
    EXPECT_EQ(folder->times_fetched(other), 1);
    const auto log = log_of("t1");
    EXPECT_EQ(log[1].reason_code, "body");
    EXPECT_THAT(log[1].reason_text, HasSubstr("body contains \"ORDER\""));
    EXPECT_FALSE(log[1].triggered);
    EXPECT_EQ(log[1].state, ledger::MessageState::skipped);
    EXPECT_TRUE(log[0].triggered);
    EXPECT_EQ(spool_folders().size(), 1U) << "of the mail that matched";
    EXPECT_TRUE(eventually([&] { return folder->seen() == std::vector{wanted}; }))
        << "the other keeps its flags";
}

TEST_F(MoreFilters, A_mail_that_one_trigger_refuses_by_its_text_starts_the_others_job_all_the_same) {
    given_trigger("t1", with({body_contains("invoice")}));
    given_trigger("t2", with({body_contains("order")}));
    given_trigger("t3");
    const auto order = folder->add("bob@example.org", "One", "Here is an order.");
    look();
    expect_jobs(2);
    EXPECT_EQ(folder->times_fetched(order), 1);
    EXPECT_EQ(log_of("t1").front().reason_code, "body");
    for (const auto &payload : host.payloads())
        EXPECT_THAT(payload, HasSubstr("Here is an order."));
    EXPECT_EQ(spool_folders().size(), 2U);
}

TEST_F(MoreFilters, One_job_for_a_pass_gets_the_mails_that_match_and_without_any_there_is_none) {
    auto parameters = with({body_contains("order")});
    parameters.launch = trigger::Launch::per_pass;
    given_trigger("t1", parameters);
    folder->add("bob@example.org", "One", "Lunch?");
    look();
    expect_decided("t1", 1);
    expect_jobs(0);
    EXPECT_THAT(spool_folders(), IsEmpty());

    stop("t1");
    folder->add("bob@example.org", "Two", "Lunch?");
    folder->add("bob@example.org", "Three", "An order.");
    folder->add("bob@example.org", "Four", "Another order.");
    given_trigger("t1", parameters);
    look();
    expect_jobs(1);
    expect_decided("t1", 4);
    ASSERT_EQ(host.payloads().size(), 1U);
    EXPECT_THAT(host.payloads().front(), AllOf(HasSubstr("Three"), HasSubstr("Four"), Not(HasSubstr("Two"))));
}

TEST_F(MoreFilters, A_mail_that_is_withheld_is_not_decided_by_its_text) {
    given_trigger("t1", with({body_contains("order")}));
    const auto order = folder->add("bob@example.org", "One", "Here is an order.");
    folder->withhold_body(order);
    look();
    expect_jobs(0);
    ASSERT_THAT(log_of("t1"), SizeIs(1));
    EXPECT_EQ(log_of("t1").front().state, ledger::MessageState::pending);
    EXPECT_EQ(log_of("t1").front().subject, "One");
    folder->hand_out_all();
    clock.pass(1h);
    look();
    expect_jobs(1);
}

TEST_F(MoreFilters, The_senders_authentication_is_as_the_mailboxs_server_says) {
    Condition authenticated;
    authenticated.field = Condition::Field::sender_authenticated;
    authenticated.op = Condition::Op::is;
    trusted_authserv = "mx.example.com";
    given_trigger("t1", with({authenticated}));
    const auto mail = [](const std::string &results) {
        return "Authentication-Results: " + results + "\r\nFrom: bob@example.org\r\nSubject: x\r\n\r\ntext";
    };
    folder->add_raw(mail("mx.example.com; dmarc=pass header.from=example.org"), clock.wall());
    folder->add_raw(mail("mx.evil.example; dmarc=pass header.from=example.org"), clock.wall());
    look();
    expect_decided("t1", 2);
    expect_jobs(1);
    const auto log = log_of("t1");
    EXPECT_TRUE(log[1].triggered);
    EXPECT_EQ(log[0].reason_code, "senderAuthenticated");
}

} // namespace
} // namespace roe::watch::testing
