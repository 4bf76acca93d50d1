// A ledger out of a backup: what it knows may have happened once more since.
#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ARestoredLedger : public LedgerTest {
  protected:
    std::vector<std::string> due(const std::vector<std::string> &triggers) {
        return keys(must(ledger_->due_outbox(triggers, at(100'000), 100)));
    }

    std::vector<std::string> to_dispose(RowId folder, const std::vector<std::string> &triggers) {
        return uids(must(ledger_->ready_disposals(folder, triggers, at(100'000), 100)));
    }

    void accept(const std::vector<OutboxRow> &rows) {
        for (const auto &row : rows)
            must(ledger_->record_answers(std::vector{accepted(row.id)}));
    }

    std::int64_t look(RowId folder, const std::string &trigger, std::int64_t order, WallTime until,
                      std::int64_t newer = 0) {
        return must(ledger_->set_restored_baseline(folder, {trigger, order, "v1", at(700), 0, until}, newer));
    }
};

TEST_P(ARestoredLedger, Remembers_it_until_the_trigger_has_looked_and_says_then_what_was_passed_over) {
    const RowId folder = given_folder({"t1"});
    EXPECT_FALSE(must(ledger_->restored("t1")));
    must(ledger_->note_restored("t1", at(500), at(600)));
    reopen();
    auto noted = must(ledger_->restored("t1"));
    ASSERT_TRUE(noted);
    EXPECT_EQ(noted->from, at(500));
    EXPECT_EQ(noted->until, at(600));
    EXPECT_FALSE(noted->baseline);

    EXPECT_EQ(look(folder, "t1", 9, at(600), 3), 3);
    reopen();
    noted = must(ledger_->restored("t1"));
    ASSERT_TRUE(noted && noted->baseline);
    EXPECT_EQ(noted->baseline->at, at(700));
    EXPECT_EQ(noted->baseline->passed_over, 3);
    const auto marks = must(ledger_->marks(folder));
    ASSERT_THAT(marks, SizeIs(1));
    EXPECT_EQ(marks[0].order, 9);
    EXPECT_EQ(marks[0].restored_until, at(600)) << "so that another validity does not bring the gap's mails up";
}

TEST_P(ARestoredLedger, Takes_a_restore_once_and_another_one_again) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->note_restored("t1", at(500), at(600)));
    look(folder, "t1", 9, at(600));
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 10)})));
    must(ledger_->note_restored("t1", at(500), at(600)));
    EXPECT_TRUE(must(ledger_->restored("t1"))->baseline) << "the host may ask again after a crash of its own";
    EXPECT_THAT(due({"t1"}), ElementsAre("t1/10")) << "it came after the restore";

    must(ledger_->note_restored("t1", at(750), at(800)));
    const auto again = must(ledger_->restored("t1"));
    EXPECT_EQ(again->from, at(750));
    EXPECT_FALSE(again->baseline);
    EXPECT_THAT(due({"t1"}), IsEmpty());
}

TEST_P(ARestoredLedger, Takes_a_restore_on_a_machine_whose_clock_is_behind) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->note_restored("t1", at(500), at(600)));
    look(folder, "t1", 9, at(600));
    must(ledger_->note_restored("t1", at(500), at(550)));
    EXPECT_FALSE(must(ledger_->restored("t1"))->baseline);
    look(folder, "t1", 12, at(550));
    EXPECT_EQ(must(ledger_->marks(folder)).at(0).order, 12);
}

TEST_P(ARestoredLedger, Counts_both_gaps_of_two_restores_without_a_look_in_between) {
    must(ledger_->note_restored("t1", at(500), at(600)));
    must(ledger_->note_restored("t1", at(550), at(650)));
    EXPECT_EQ(must(ledger_->restored("t1"))->from, at(500));
    EXPECT_EQ(must(ledger_->restored("t1"))->until, at(650));
}

TEST_P(ARestoredLedger, Parks_the_starts_that_waited_of_this_trigger_alone) {
    const RowId folder = given_folder({"t1", "t2"});
    const auto made =
        must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1), matched("t1", 2), matched("t2", 1)})));
    must(ledger_->record_answers(std::vector{busy(made[1].id, at(300))}));
    must(ledger_->note_restored("t1", at(500), at(600)));
    EXPECT_THAT(due({"t1", "t2"}), ElementsAre("t2/1"));
    const auto log = must(ledger_->log("t1", {}, 10));
    ASSERT_THAT(log, SizeIs(2));
    for (const auto &row : log) {
        EXPECT_EQ(row.state, MessageState::parked);
        EXPECT_THAT(row.reason_text, HasSubstr("backup was restored"));
    }
    look(folder, "t1", 9, at(600));
    EXPECT_THAT(to_dispose(folder, {"t1"}), IsEmpty()) << "no job is known to have taken them";
    EXPECT_EQ(must(ledger_->retry("t1", log[0].id)), Wish::granted) << "a person may know better";
    EXPECT_THAT(due({"t1"}), SizeIs(1));
}

TEST_P(ARestoredLedger, Keeps_the_record_of_what_it_started) {
    const RowId folder = given_folder({"t1"});
    accept(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1), skipped("t1", 2)}))));
    must(ledger_->note_restored("t1", at(500), at(600)));
    look(folder, "t1", 9, at(600));
    EXPECT_THAT(must(ledger_->log("t1", {}, 10)), SizeIs(2));
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", std::vector<std::string>{"print-1"}))), SizeIs(1));
}

TEST_P(ARestoredLedger, Passes_over_mails_that_were_put_off) {
    const RowId folder = given_folder({"t1", "t2"});
    Pass pass = pass_of(folder, {skipped("t1", 7)});
    pass.pending = {
        {"t1", {5, "5"}, 1, at(0), ""}, {"t1", {6, "6"}, 1, at(0), ""}, {"t2", {6, "6"}, 1, at(0), ""}};
    must(ledger_->commit_pass(pass));
    must(ledger_->note_restored("t1", at(500), at(600)));
    EXPECT_EQ(look(folder, "t1", 9, at(600), 2), 4);
    const auto left = must(ledger_->pending(folder, at(1000), 10));
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_EQ(left[0].trigger, "t2");
}

TEST_P(ARestoredLedger, Finishes_mails_whose_jobs_were_taken_and_leaves_those_that_were_not_decided) {
    const RowId folder = given_folder({"t1", "t2"});
    accept(must(ledger_->commit_pass(
        pass_of(folder, {matched("t1", 1), matched("t1", 2), matched("t1", 3), skipped("t2", 1)}))));
    Pass put_off = pass_of(folder, {});
    put_off.marks = {{"t2", 2, "v1", at(0), 0}};
    put_off.pending = {{"t2", {2, "2"}, 1, at(0), ""}};
    must(ledger_->commit_pass(put_off));
    for (const char *trigger : {"t1", "t2"}) {
        must(ledger_->note_restored(trigger, at(500), at(600)));
        look(folder, trigger, 9, at(600));
    }
    EXPECT_THAT(to_dispose(folder, {"t1", "t2"}), ElementsAre("1"))
        << "t2 had put 2 off and not seen 3: a person has to find them";
}

TEST_P(ARestoredLedger, Is_forgotten_with_the_trigger) {
    must(ledger_->note_restored("t1", at(500), at(600)));
    must(ledger_->forget_trigger("t1"));
    EXPECT_FALSE(must(ledger_->restored("t1")));
}

INSTANTIATE_TEST_SUITE_P(On, ARestoredLedger, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
