// A mail that is the trouble: tried so often, then left to a person, while the others go on.
#include <gmock/gmock.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

using ledger::MessageState;
using ledger::Wish;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Quarantine : public MailroomTest {
  protected:
    ledger::LogRow row_of(const std::string &subject) {
        for (const auto &row : log_of("t1"))
            if (row.subject == subject) return row;
        ADD_FAILURE() << "nothing is logged of " << subject;
        return {};
    }
    bool becomes(const std::string &subject, MessageState state) {
        return eventually([&] { return row_of(subject).state == state; });
    }
    void try_until_quarantined(const std::string &subject) {
        for (auto row = row_of(subject); row.state == MessageState::pending; row = row_of(subject)) {
            clock.pass(7h);
            look();
            ASSERT_TRUE(eventually([&] { return row_of(subject).attempts > row.attempts; }));
        }
    }
    void wish_retry(const std::string &subject) {
        ASSERT_EQ(*ledger->retry("t1", row_of(subject).id), Wish::granted);
        room->expect_pending("t1");
    }
};

TEST_F(Quarantine, A_mail_that_is_never_handed_out_waits_for_a_person_and_starts_when_retried) {
    given_trigger("t1");
    const auto odd = folder->add("bob@example.org", "Odd");
    folder->withhold_body(odd);
    folder->add("bob@example.org", "Plain");
    look();
    expect_jobs(1);
    ASSERT_TRUE(becomes("Odd", MessageState::pending));
    try_until_quarantined("Odd");
    EXPECT_EQ(row_of("Odd").state, MessageState::quarantined);
    EXPECT_EQ(row_of("Odd").attempts, 10);
    EXPECT_THAT(host.events("TriggerEmailQuarantined"), SizeIs(1));

    const auto fetched = folder->fetched[odd];
    clock.pass(1000h);
    look();
    EXPECT_EQ(folder->fetched[odd], fetched) << "nobody wanted it tried again";
    wish_retry("Odd");
    EXPECT_TRUE(becomes("Odd", MessageState::quarantined)) << "one try, and no better";
    EXPECT_TRUE(eventually([&] { return row_of("Odd").attempts == 11; }));

    folder->hand_out_all();
    wish_retry("Odd");
    expect_jobs(2);
    EXPECT_TRUE(becomes("Odd", MessageState::delivered));
}

TEST_F(Quarantine, A_mail_that_did_not_match_is_started_once_more_whatever_the_filter_says) {
    given_trigger("t1", filter("bob@example.org"));
    folder->add("eve@example.org", "Other");
    look();
    expect_jobs(0);
    ASSERT_TRUE(eventually([&] { return log_of("t1").size() == 1; }));
    for (int time = 1; time <= 2; ++time) {
        ASSERT_EQ(*ledger->start_again("t1", row_of("Other").id, {"ann", clock.wall()}), Wish::granted);
        room->expect_pending("t1");
        expect_jobs(static_cast<std::size_t>(time));
        EXPECT_TRUE(becomes("Other", MessageState::delivered));
        clock.pass(1min);
    }
    EXPECT_THAT(row_of("Other").reason_text, HasSubstr("ann"));
    EXPECT_THAT(log_of("t1"), SizeIs(1));
}

TEST_F(Quarantine, With_a_job_for_all_mails_one_that_is_wanted_once_more_has_a_job_of_its_own) {
    trigger::Parameters together;
    together.launch = trigger::Launch::per_pass;
    given_trigger("t1", together);
    folder->add("bob@example.org", "One");
    folder->add("bob@example.org", "Two");
    look();
    expect_jobs(1);
    ASSERT_TRUE(becomes("Two", MessageState::delivered));
    ASSERT_EQ(*ledger->start_again("t1", row_of("Two").id, {"ann", clock.wall()}), Wish::granted);
    room->expect_pending("t1");
    expect_jobs(2);
    EXPECT_THAT(host.payloads().back(), ::testing::AllOf(HasSubstr("Two"), ::testing::Not(HasSubstr("One"))));
    EXPECT_TRUE(becomes("Two", MessageState::delivered));
    EXPECT_TRUE(becomes("One", MessageState::delivered));
}

TEST_F(Quarantine, A_mail_wanted_once_more_that_is_gone_starts_nothing) {
    given_trigger("t1");
    const auto one = folder->add("bob@example.org", "One");
    look();
    expect_jobs(1);
    ASSERT_TRUE(becomes("One", MessageState::delivered));
    folder->remove(one);
    ASSERT_EQ(*ledger->start_again("t1", row_of("One").id, {"ann", clock.wall()}), Wish::granted);
    room->expect_pending("t1");
    ASSERT_TRUE(eventually([&] { return row_of("One").reason_code == "gone"; }));
    EXPECT_EQ(row_of("One").state, MessageState::delivered);
    expect_jobs(1);
}

} // namespace
} // namespace roe::watch::testing
