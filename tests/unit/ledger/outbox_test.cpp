#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Outbox : public LedgerTest {
  protected:
    const std::vector<std::string> both_{"t1", "t2"};

    std::vector<OutboxRow> due(std::int64_t seconds = 1000) {
        return must(ledger_->due_outbox(both_, at(seconds), 100));
    }
    LogRow logged(const std::string &trigger = "t1") { return must(ledger_->log(trigger, {}, 10)).at(0); }
};

TEST_P(Outbox, An_accepted_start_leaves_the_outbox_and_names_its_job_in_the_log) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    EXPECT_EQ(logged().state, MessageState::queued);
    must(ledger_->record_answers(std::vector{accepted(made[0].id, "job-1")}));
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_EQ(logged().state, MessageState::delivered);
    EXPECT_EQ(logged().job, "job-1");
    EXPECT_EQ(must(ledger_->trigger_times("t1")).last_fired, at(200));
}

TEST_P(Outbox, A_busy_host_is_asked_again_when_it_said) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{busy(made[0].id, at(500))}));
    EXPECT_THAT(due(499), IsEmpty());
    EXPECT_EQ(must(ledger_->next_outbox_time(both_)), at(500));
    ASSERT_THAT(due(500), SizeIs(1));
    EXPECT_EQ(due(500)[0].attempts, 1);
    EXPECT_EQ(logged().state, MessageState::queued);
    EXPECT_EQ(must(ledger_->trigger_times("t1")).last_fired, std::nullopt);
}

TEST_P(Outbox, A_start_that_waits_for_its_turn_makes_no_attempt) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1)})));
    Answer later = busy(made[0].id, at(400));
    later.asked = false;
    must(ledger_->record_answers(std::vector{later}));
    EXPECT_THAT(due(399), IsEmpty());
    ASSERT_THAT(due(400), SizeIs(1));
    EXPECT_EQ(due(400)[0].attempts, 0);
}

TEST_P(Outbox, A_refused_start_is_parked_with_the_hosts_words_until_someone_retries_it) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{refused(made[0].id, "no such project")}));
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_EQ(must(ledger_->next_outbox_time(both_)), std::nullopt);
    EXPECT_EQ(logged().state, MessageState::parked);
    EXPECT_EQ(logged().reason_text, "no such project");

    EXPECT_NE(must(ledger_->retry("t2", logged().id)), Wish::granted) << "another trigger's row";
    EXPECT_EQ(must(ledger_->retry("t1", logged().id)), Wish::granted);
    ASSERT_THAT(keys(due()), ElementsAre("t1/7"));
    EXPECT_EQ(due()[0].payload, R"({"uid":"7"})");
    EXPECT_EQ(logged().state, MessageState::queued);
    EXPECT_EQ(logged().reason_code, "matched");
    EXPECT_NE(must(ledger_->retry("t1", logged().id)), Wish::granted) << "it is not parked any more";
}

TEST_P(Outbox, A_skipped_start_is_gone_and_its_mail_is_left_alone) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    EXPECT_NE(must(ledger_->skip("t1", logged().id, "ann")), Wish::granted)
        << "only what is parked can be skipped";
    must(ledger_->record_answers(std::vector{refused(made[0].id, "no")}));
    EXPECT_EQ(must(ledger_->skip("t1", logged().id, "ann")), Wish::granted);
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_EQ(logged().state, MessageState::skipped);
    EXPECT_THAT(must(ledger_->ready_disposals(folder, std::vector<std::string>{"t1"}, at(1000), 10)),
                IsEmpty());
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))), IsEmpty());
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", std::vector<std::string>{"print-7"}))), SizeIs(1));
}

TEST_P(Outbox, A_stopped_triggers_starts_wait_for_it) {
    const RowId folder = given_folder({"t1", "t2"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t2", 7)})));
    const std::vector<std::string> started{"t2"};
    EXPECT_THAT(keys(must(ledger_->due_outbox(started, at(1000), 100))), ElementsAre("t2/7"));
    EXPECT_THAT(must(ledger_->due_outbox({}, at(1000), 100)), IsEmpty());
    EXPECT_EQ(must(ledger_->next_outbox_time({})), std::nullopt);
    EXPECT_EQ(must(ledger_->next_outbox_time(started)), at(100));
}

TEST_P(Outbox, A_long_queue_of_a_stopped_trigger_hides_nobody_elses_starts) {
    const RowId folder = given_folder({"t1", "t2"});
    std::vector<Decision> decisions;
    for (int i = 1; i <= 2500; ++i)
        decisions.push_back(matched("t1", i));
    decisions.push_back(matched("t2", 2501));
    must(ledger_->commit_pass(pass_of(folder, decisions)));
    EXPECT_THAT(keys(must(ledger_->due_outbox(std::vector<std::string>{"t2"}, at(1000), 10))),
                ElementsAre("t2/2501"));
}

TEST_P(Outbox, Starts_come_oldest_first_and_no_more_than_asked_for) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1), matched("t1", 2)})));
    Pass later = pass_of(folder, {matched("t1", 3), matched("t1", 4)});
    later.decided_at = at(150);
    must(ledger_->commit_pass(later));
    must(ledger_->record_answers(std::vector{busy(made[0].id, at(400))}));
    EXPECT_THAT(keys(due()), ElementsAre("t1/2", "t1/3", "t1/4", "t1/1"));
    EXPECT_THAT(keys(must(ledger_->due_outbox(both_, at(1000), 2))), ElementsAre("t1/2", "t1/3"));
}

TEST_P(Outbox, Many_answers_of_every_kind_are_recorded_at_once) {
    const RowId folder = given_folder({"t1"});
    std::vector<Decision> decisions;
    for (int i = 1; i <= 300; ++i)
        decisions.push_back(matched("t1", i));
    const auto made = must(ledger_->commit_pass(pass_of(folder, decisions)));
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (i % 3 == 0) answers.push_back(accepted(made[i].id, "job-" + made[i].key));
        if (i % 3 == 1) answers.push_back(busy(made[i].id, at(500)));
        if (i % 3 == 2) answers.push_back(refused(made[i].id, "no"));
    }
    must(ledger_->record_answers(answers));
    EXPECT_THAT(due(499), IsEmpty());
    EXPECT_THAT(due(500), SizeIs(100));
    std::map<MessageState, int> states;
    for (const auto &row : must(ledger_->log("t1", {}, 1000))) {
        ++states[row.state];
        if (row.state == MessageState::delivered) {
            EXPECT_EQ("job-t1/" + row.message_id, row.job + "@example.com");
        }
    }
    EXPECT_EQ(states[MessageState::delivered], 100);
    EXPECT_EQ(states[MessageState::queued], 100);
    EXPECT_EQ(states[MessageState::parked], 100);
}

TEST_P(Outbox, An_answer_that_comes_twice_or_too_late_changes_nothing) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{accepted(made[0].id, "j1")}));
    must(ledger_->record_answers(std::vector{accepted(made[0].id, "j2"), refused(made[0].id, "no")}));
    must(ledger_->record_answers({}));
    EXPECT_EQ(logged().state, MessageState::delivered);
    EXPECT_EQ(logged().job, "j1");
}

TEST_P(Outbox, The_id_of_a_row_is_never_used_again) {
    const RowId folder = given_folder({"t1"});
    const auto first = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{accepted(first[0].id)}));
    reopen();
    const auto second = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 8)})));
    EXPECT_GT(second[0].id, first[0].id);
}

INSTANTIATE_TEST_SUITE_P(On, Outbox, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
