// Starts that a task's brake holds: what is held, what is counted, and how they are let go.
#include <gmock/gmock.h>

#include "ledger_fixture.hpp"
#include "shared_postgres.hpp"

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Brakes : public LedgerTest {
  protected:
    void SetUp() override {
        LedgerTest::SetUp();
        folder_ = given_folder({"t1", "t2", "other"});
    }

    void given_starts(const std::string &trigger, std::int64_t first, std::int64_t last) {
        std::vector<Decision> decisions;
        for (std::int64_t order = first; order <= last; ++order)
            decisions.push_back(matched(trigger, order));
        Pass pass = pass_of(folder_, decisions);
        pass.disposal = Disposal{};
        must(ledger_->commit_pass(pass));
    }
    bool hold() { return must(ledger_->hold({"task", {"t1", "t2"}, "too many", at(100)})); }
    std::vector<OutboxRow> due() {
        return must(ledger_->due_outbox(std::vector<std::string>{"t1", "t2", "other"}, at(10'000), 100));
    }
    LogRow row(const std::string &trigger = "t1") {
        const auto rows = must(ledger_->log(trigger, std::nullopt, 1));
        return rows.empty() ? LogRow{} : rows.front();
    }
    std::int64_t disposals() { return must(ledger_->backlog()).disposals; }
    void accept_all_due() {
        std::vector<Answer> answers;
        for (const auto &start : due())
            answers.push_back(accepted(start.id));
        must(ledger_->record_answers(answers));
    }

    RowId folder_ = 0;
};

TEST_P(Brakes, Holds_the_starts_of_its_task_alone_and_shows_them) {
    given_starts("t1", 1, 3);
    given_starts("t2", 4, 4);
    given_starts("other", 5, 5);
    EXPECT_EQ(must(ledger_->held("t1")), std::nullopt);
    EXPECT_TRUE(hold());
    EXPECT_FALSE(hold()) << "it was on before";

    EXPECT_THAT(due(), SizeIs(1));
    EXPECT_EQ(must(ledger_->brake_reason("task")), "too many");
    EXPECT_EQ(row().state, MessageState::held);
    EXPECT_EQ(row().reason_code, "held");
    EXPECT_EQ(row().reason_text, "too many");
    EXPECT_EQ(row("other").state, MessageState::queued);
    const auto held = must(ledger_->held("t1"));
    ASSERT_TRUE(held.has_value());
    EXPECT_EQ(held->count, 3);
    EXPECT_EQ(held->of_task, 4);
    EXPECT_EQ(held->since, at(100));
    EXPECT_EQ(held->reason, "too many");
    EXPECT_EQ(must(ledger_->log("t1", held->message + 1, 1)).at(0).state, MessageState::held);
    EXPECT_EQ(must(ledger_->backlog()).held, 4);
    EXPECT_EQ(must(ledger_->backlog()).queued, 1);
    reopen();
    EXPECT_EQ(must(ledger_->held("t1"))->count, 3);
}

TEST_P(Brakes, All_that_is_held_is_released_by_any_of_its_rows_and_is_past_the_brake) {
    given_starts("t1", 1, 3);
    given_starts("t2", 4, 4);
    hold();
    EXPECT_EQ(must(ledger_->release_all("t2", row("t2").id)), Wish::granted);
    const auto starts = due();
    ASSERT_THAT(starts, SizeIs(4));
    for (const auto &start : starts)
        EXPECT_TRUE(start.released);
    EXPECT_EQ(row().state, MessageState::queued);
    EXPECT_EQ(must(ledger_->brake_reason("task")), "") << "it is let go";
    hold();
    EXPECT_THAT(due(), SizeIs(4)) << "they are not held a second time";
    accept_all_due();
    EXPECT_EQ(row().state, MessageState::delivered);
    EXPECT_EQ(must(ledger_->release_all("t1", row().id)), Wish::wrong_state);
    EXPECT_EQ(must(ledger_->release_all("t1", 999)), Wish::no_such_row);
}

TEST_P(Brakes, All_that_is_held_is_given_up_and_its_mails_are_left_alone) {
    given_starts("t1", 1, 3);
    given_starts("other", 5, 5);
    hold();
    ASSERT_EQ(disposals(), 4);
    EXPECT_EQ(must(ledger_->skip_all("t1", row().id, "ann")), Wish::granted);
    EXPECT_EQ(row().state, MessageState::skipped);
    EXPECT_EQ(row().reason_code, "given-up");
    EXPECT_EQ(row().reason_text, "Given up by ann");
    EXPECT_EQ(disposals(), 1);
    EXPECT_EQ(must(ledger_->held("t1")), std::nullopt);
    EXPECT_EQ(must(ledger_->brake_reason("task")), "");
    EXPECT_THAT(due(), SizeIs(1)) << "another task's start is not touched";
}

TEST_P(Brakes, Single_starts_are_let_go_or_given_up_and_the_last_lets_the_brake_go) {
    given_starts("t1", 1, 2);
    hold();
    const auto rows = must(ledger_->log("t1", std::nullopt, 10));
    EXPECT_EQ(must(ledger_->retry("t1", rows[0].id)), Wish::granted);
    EXPECT_EQ(must(ledger_->brake_reason("task")), "too many");
    EXPECT_EQ(must(ledger_->start_again("t1", rows[1].id, {"ann", at(500)})), Wish::wrong_state);
    EXPECT_EQ(must(ledger_->skip("t1", rows[1].id, "ann")), Wish::granted);
    EXPECT_EQ(must(ledger_->brake_reason("task")), "");
    ASSERT_THAT(due(), SizeIs(1));
    EXPECT_TRUE(due()[0].released);
}

TEST_P(Brakes, Counts_what_the_host_took_and_begins_anew_when_it_is_let_go) {
    given_starts("t1", 1, 4);
    const auto starts = due();
    const auto answer = [&](std::size_t start, std::int64_t second, const std::string &task) {
        auto accepted_one = accepted(starts[start].id);
        accepted_one.at = at(second);
        accepted_one.task = task;
        return accepted_one;
    };
    must(ledger_->record_answers(std::vector{answer(0, 10, "task"), answer(1, 20, "task"), answer(2, 30, "")}));
    must(ledger_->record_answers(std::vector{answer(0, 40, "task")})); // answered for twice
    EXPECT_EQ(must(ledger_->starts_since("task", at(0))), 2);
    EXPECT_EQ(must(ledger_->starts_since("task", at(20))), 0);
    EXPECT_EQ(must(ledger_->starts_since("another", at(0))), 0);
    hold();
    must(ledger_->release_all("t1", row().id));
    EXPECT_EQ(must(ledger_->starts_since("task", at(0))), 0);
}

TEST_P(Brakes, A_start_that_the_host_was_asked_for_is_not_held) {
    given_starts("t1", 1, 2);
    must(ledger_->record_answers(std::vector{busy(due()[0].id, at(300))}));
    hold();
    ASSERT_THAT(due(), SizeIs(1));
    EXPECT_EQ(due()[0].attempts, 1);
}

TEST_P(Brakes, A_trigger_that_is_deleted_takes_its_held_starts_and_the_last_lets_the_brake_go) {
    given_starts("t1", 1, 1);
    given_starts("t2", 2, 2);
    hold();
    must(ledger_->forget_trigger("t1"));
    EXPECT_EQ(must(ledger_->brake_reason("task")), "too many");
    must(ledger_->forget_trigger("t2"));
    EXPECT_EQ(must(ledger_->brake_reason("task")), "");
    EXPECT_THAT(due(), IsEmpty());
}

TEST_P(Brakes, After_a_restore_what_was_held_is_parked_as_it_may_have_been_let_go_since) {
    given_starts("t1", 1, 2);
    hold();
    must(ledger_->note_restored("t1", at(100), at(200)));
    EXPECT_EQ(row().state, MessageState::parked);
    EXPECT_EQ(must(ledger_->brake_reason("task")), "");
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_EQ(must(ledger_->retry("t1", row().id)), Wish::granted);
    EXPECT_THAT(due(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(On, Brakes, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
