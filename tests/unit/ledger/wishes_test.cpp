// What a person may want of a row of the message log: that it is tried again, given up, or started once more.
#include <gmock/gmock.h>

#include "ledger_fixture.hpp"
#include "shared_postgres.hpp"

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Wishes : public LedgerTest {
  protected:
    void SetUp() override {
        LedgerTest::SetUp();
        folder_ = given_folder({"t1"});
    }

    void put_off(int attempts, bool quarantined, const std::string &subject = "Invoice") {
        Pass pass = pass_of(folder_, {});
        PendingMail mail{"t1", {7, "7"}, attempts, at(300), "the connection broke", quarantined};
        mail.words = {"<7@example.org>", subject, "Ann <ann@example.org>", at(10)};
        pass.pending.push_back(std::move(mail));
        must(ledger_->commit_pass(pass));
    }
    LogRow row() {
        const auto rows = must(ledger_->log("t1", std::nullopt, 10));
        EXPECT_THAT(rows, SizeIs(1));
        return rows.empty() ? LogRow{} : rows.front();
    }
    std::vector<PendingMail> pending(std::int64_t now) { return must(ledger_->pending(folder_, at(now), 10)); }
    std::vector<std::string> due() {
        return keys(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(10'000), 100)));
    }
    void accept(const std::string &job) {
        const auto rows = must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(10'000), 100));
        ASSERT_THAT(rows, SizeIs(1));
        must(ledger_->record_answers(std::vector{accepted(rows[0].id, job)}));
    }
    // As the mailroom decides on a mail that a person wants started.
    Decision wanted(const std::string &suffix) {
        auto decision = matched("t1", 7);
        decision.key += suffix;
        decision.once_more = true;
        decision.reason_code = "once-more";
        return decision;
    }

    RowId folder_ = 0;
};

TEST_P(Wishes, A_mail_put_off_stands_in_the_log_and_its_row_becomes_the_decision) {
    put_off(1, false);
    const auto before = row();
    EXPECT_EQ(before.state, MessageState::pending);
    EXPECT_EQ(before.subject, "Invoice");
    EXPECT_EQ(before.reason_text, "the connection broke");
    EXPECT_EQ(before.attempts, 1);
    EXPECT_EQ(before.next_try, at(300));
    EXPECT_FALSE(before.triggered);

    put_off(2, false);
    EXPECT_EQ(row().attempts, 2);
    must(ledger_->commit_pass(pass_of(folder_, {matched("t1", 7)})));
    const auto after = row();
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.state, MessageState::queued);
    EXPECT_TRUE(after.triggered);
    accept("job-1");
    EXPECT_EQ(row().state, MessageState::delivered);
    EXPECT_EQ(row().job, "job-1");
}

TEST_P(Wishes, A_quarantined_mail_is_left_alone_until_a_person_retries_it) {
    put_off(10, true);
    EXPECT_EQ(row().state, MessageState::quarantined);
    EXPECT_EQ(row().next_try, std::nullopt);
    EXPECT_THAT(pending(100'000), IsEmpty());
    EXPECT_EQ(must(ledger_->put_off("t1", 10)).quarantined, 1);
    EXPECT_EQ(must(ledger_->backlog()).quarantined, 1);

    const auto id = row().id;
    EXPECT_EQ(must(ledger_->retry("t2", id)), Wish::no_such_row) << "another trigger's row";
    EXPECT_EQ(must(ledger_->retry("t1", id)), Wish::granted);
    ASSERT_THAT(pending(0), SizeIs(1));
    EXPECT_EQ(pending(0)[0].attempts, 10) << "one try more, not ten";
    EXPECT_EQ(row().state, MessageState::pending);
    EXPECT_EQ(row().id, id);
}

TEST_P(Wishes, A_mail_that_is_put_off_can_be_tried_at_once) {
    put_off(3, false);
    EXPECT_THAT(pending(0), IsEmpty());
    EXPECT_EQ(must(ledger_->retry("t1", row().id)), Wish::granted);
    EXPECT_THAT(pending(0), SizeIs(1));
}

TEST_P(Wishes, A_quarantined_mail_that_is_given_up_counts_as_decided) {
    must(ledger_->commit_pass(pass_of(folder_, {skipped("t1", 8)})));
    put_off(10, true);
    const auto rows = must(ledger_->log("t1", std::nullopt, 10));
    ASSERT_EQ(rows[0].state, MessageState::quarantined);
    EXPECT_EQ(must(ledger_->skip("t1", rows[0].id, "ann")), Wish::granted);
    const auto now = must(ledger_->log("t1", std::nullopt, 10));
    EXPECT_EQ(now[0].state, MessageState::skipped);
    EXPECT_EQ(now[0].reason_code, "given-up");
    EXPECT_THAT(now[0].reason_text, HasSubstr("ann"));
    EXPECT_EQ(must(ledger_->backlog()).pending, 0);
    EXPECT_EQ(must(ledger_->skip("t1", rows[0].id, "ann")), Wish::wrong_state);
    EXPECT_EQ(must(ledger_->retry("t1", rows[0].id)), Wish::wrong_state);
}

TEST_P(Wishes, A_mail_that_was_skipped_starts_when_a_person_wants_it) {
    must(ledger_->commit_pass(pass_of(folder_, {skipped("t1", 7)})));
    const auto id = row().id;
    EXPECT_EQ(must(ledger_->start_again("t1", id, {"ann", at(500)})), Wish::granted);
    EXPECT_EQ(row().state, MessageState::pending);
    EXPECT_THAT(row().reason_text, HasSubstr("ann"));
    const auto waiting = pending(0);
    ASSERT_THAT(waiting, SizeIs(1));
    ASSERT_TRUE(waiting[0].once_more);
    EXPECT_EQ(waiting[0].once_more->by, "ann");
    EXPECT_EQ(waiting[0].once_more->at, at(500));
    EXPECT_EQ(must(ledger_->start_again("t1", id, {"bob", at(501)})), Wish::wrong_state)
        << "it is to start already";

    must(ledger_->commit_pass(pass_of(folder_, {wanted("/again-500")})));
    EXPECT_THAT(due(), ElementsAre("t1/7/again-500"));
    EXPECT_EQ(row().id, id);
    EXPECT_THAT(pending(100'000), IsEmpty());
    accept("job-1");
    EXPECT_EQ(row().state, MessageState::delivered);
}

TEST_P(Wishes, A_mail_that_has_started_its_job_starts_another_only_when_a_person_wants_it) {
    must(ledger_->commit_pass(pass_of(folder_, {matched("t1", 7)})));
    EXPECT_EQ(must(ledger_->start_again("t1", row().id, {"ann", at(500)})), Wish::wrong_state)
        << "its start is still under way";
    accept("job-1");
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder_, {matched("t1", 7)}))), IsEmpty());
    EXPECT_EQ(must(ledger_->start_again("t1", row().id, {"ann", at(500)})), Wish::granted);
    must(ledger_->commit_pass(pass_of(folder_, {wanted("/again-500")})));
    accept("job-2");
    EXPECT_EQ(row().job, "job-2");
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder_, {wanted("/again-500")}))), IsEmpty())
        << "one wish, one start";
    EXPECT_EQ(must(ledger_->start_again("t1", row().id, {"ann", at(600)})), Wish::granted) << "and again";
}

TEST_P(Wishes, A_mail_to_be_started_once_more_that_is_gone_stays_delivered_and_keeps_its_words) {
    must(ledger_->commit_pass(pass_of(folder_, {matched("t1", 7)})));
    accept("job-1");
    const auto before = row();
    must(ledger_->start_again("t1", before.id, {"ann", at(500)}));
    auto gone = skipped("t1", 7);
    gone.once_more = true;
    gone.reason_code = "gone";
    gone.subject.clear();
    must(ledger_->commit_pass(pass_of(folder_, {gone})));
    EXPECT_EQ(row().state, MessageState::delivered);
    EXPECT_EQ(row().reason_code, "gone");
    EXPECT_EQ(row().job, "job-1");
    EXPECT_EQ(row().subject, before.subject);
    EXPECT_TRUE(row().triggered);
}

TEST_P(Wishes, A_mail_whose_folder_was_renumbered_is_out_of_reach) {
    must(ledger_->commit_pass(pass_of(folder_, {skipped("t1", 7)})));
    const auto id = row().id;
    must(ledger_->commit_pass(pass_of(folder_, {skipped("t1", 1)}, "v2")));
    EXPECT_EQ(must(ledger_->start_again("t1", id, {"ann", at(500)})), Wish::out_of_reach);
}

TEST_P(Wishes, A_mail_put_off_in_a_folder_that_was_renumbered_is_shown_as_abandoned) {
    put_off(1, false);
    const auto id = row().id;
    must(ledger_->commit_pass(pass_of(folder_, {skipped("t1", 1)}, "v2")));
    const auto rows = must(ledger_->log("t1", id + 1, 1));
    EXPECT_EQ(rows[0].state, MessageState::skipped);
    EXPECT_EQ(rows[0].reason_code, "abandoned");
    EXPECT_THAT(rows[0].reason_text, HasSubstr("the connection broke"));
    EXPECT_EQ(must(ledger_->retry("t1", id)), Wish::wrong_state);
}

INSTANTIATE_TEST_SUITE_P(On, Wishes, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
