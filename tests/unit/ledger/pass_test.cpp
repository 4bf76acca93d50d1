#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Passes : public LedgerTest {
  protected:
    std::vector<std::string> due(const std::vector<std::string> &triggers = {"t1", "t2"}) {
        return keys(must(ledger_->due_outbox(triggers, at(1000), 10'000)));
    }
    std::int64_t mark_of(RowId folder, const std::string &trigger) {
        for (const auto &mark : must(ledger_->marks(folder)))
            if (mark.trigger == trigger) return mark.order;
        return -1;
    }
};

TEST_P(Passes, A_matched_mail_makes_one_start_with_its_payload) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), skipped("t1", 8)})));

    ASSERT_THAT(made, SizeIs(1));
    reopen();
    const auto rows = must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(100), 10));
    ASSERT_THAT(rows, SizeIs(1));
    EXPECT_EQ(rows[0].id, made[0].id);
    EXPECT_EQ(rows[0].key, "t1/7");
    EXPECT_EQ(rows[0].payload, R"({"uid":"7"})");
    EXPECT_EQ(rows[0].spool, "spool-t1/7");
    EXPECT_EQ(rows[0].tenant, "tenant");
    EXPECT_EQ(rows[0].folder, folder);
    EXPECT_EQ(rows[0].ref, (MailRef{7, "7"}));
    EXPECT_EQ(rows[0].created_at, at(100));
    EXPECT_EQ(rows[0].attempts, 0);
    EXPECT_EQ(mark_of(folder, "t1"), 8);
}

TEST_P(Passes, A_mail_that_two_triggers_match_makes_two_starts) {
    const RowId folder = given_folder({"t1", "t2"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t2", 7)})));
    EXPECT_THAT(due(), UnorderedElementsAre("t1/7", "t2/7"));
}

TEST_P(Passes, A_mail_decided_before_is_ignored_even_with_another_key) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    Decision again = matched("t1", 7);
    again.key = "another";
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {again, matched("t1", 8)}))), SizeIs(1));
    EXPECT_THAT(due(), ElementsAre("t1/7", "t1/8"));
}

TEST_P(Passes, A_mail_decided_against_stays_decided) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 7)})));
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))), IsEmpty());
    EXPECT_THAT(due(), IsEmpty());
}

TEST_P(Passes, The_same_mail_twice_in_a_pass_is_one_decision) {
    const RowId folder = given_folder({"t1"});
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t1", 7)}))), SizeIs(1));
    EXPECT_THAT(must(ledger_->log("t1", {}, 10)), SizeIs(1));
}

TEST_P(Passes, A_mark_never_goes_back) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 9)})));
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 4)})));
    EXPECT_EQ(mark_of(folder, "t1"), 9);
}

TEST_P(Passes, A_mark_of_another_validity_replaces_a_higher_one) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 900)})));
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 3)}, "v2")));
    EXPECT_EQ(mark_of(folder, "t1"), 3);
    EXPECT_EQ(must(ledger_->folder("mailbox", "INBOX")).validity, "v2");
}

TEST_P(Passes, What_a_mark_says_of_a_lost_identity_stays_until_the_next_loss) {
    const RowId folder = given_folder({});
    must(ledger_->set_baseline(folder, {"t1", 0, "v1", at(0), 50}, {}));
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 3)})));
    EXPECT_EQ(must(ledger_->marks(folder)).front().reconcile_to, 50);
    EXPECT_EQ(must(ledger_->marks(folder)).front().baseline_at, at(0));
}

TEST_P(Passes, Decisions_that_share_a_key_are_one_start_with_the_first_ones_payload) {
    const RowId folder = given_folder({"t1"});
    Decision first = matched("t1", 7);
    Decision second = matched("t1", 8);
    second.key = first.key;
    second.payload.clear();
    second.spool.clear();
    const auto made = must(ledger_->commit_pass(pass_of(folder, {first, second})));
    ASSERT_THAT(made, SizeIs(1));
    EXPECT_EQ(made[0].payload, first.payload);

    must(ledger_->record_answers(std::vector{accepted(made[0].id, "j1")}));
    for (const auto &row : must(ledger_->log("t1", {}, 10))) {
        EXPECT_EQ(row.state, MessageState::delivered);
        EXPECT_EQ(row.job, "j1");
    }
}

TEST_P(Passes, A_shared_start_of_which_a_part_was_decided_before_is_refused_whole) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    Decision first = matched("t1", 7);
    Decision second = matched("t1", 8);
    first.key = second.key = "both";
    const auto result = ledger_->commit_pass(pass_of(folder, {first, second}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::storage);
    EXPECT_THAT(due(), ElementsAre("t1/7"));
    EXPECT_EQ(mark_of(folder, "t1"), 7) << "nothing of a refused pass may stay";
}

TEST_P(Passes, A_key_in_use_for_another_mail_is_refused_rather_than_lost) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    Decision other = matched("t1", 8);
    other.key = "t1/7";
    EXPECT_FALSE(ledger_->commit_pass(pass_of(folder, {other})));
    EXPECT_EQ(mark_of(folder, "t1"), 7);
}

TEST_P(Passes, A_start_without_a_key_is_refused) {
    const RowId folder = given_folder({"t1"});
    Decision nameless = matched("t1", 7);
    nameless.key.clear();
    EXPECT_FALSE(ledger_->commit_pass(pass_of(folder, {nameless})));
    EXPECT_EQ(mark_of(folder, "t1"), 0);
}

TEST_P(Passes, A_pass_whose_files_did_not_get_to_disk_leaves_nothing) {
    const RowId folder = given_folder({"t1"});
    Pass pass = pass_of(folder, {matched("t1", 7)});
    pass.files_durable = []() -> Result<void> {
        return Error{Fault::storage, "ledger", "flushing", "disk full", ""};
    };

    const auto result = ledger_->commit_pass(pass);

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().doing, "flushing");
    EXPECT_THAT(due(), IsEmpty());
    EXPECT_EQ(mark_of(folder, "t1"), 0);
    pass.files_durable = [] { return Result<void>{}; };
    EXPECT_THAT(must(ledger_->commit_pass(pass)), SizeIs(1));
}

TEST_P(Passes, A_pass_over_a_removed_mailbox_is_refused) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->remove_mailbox("mailbox"));
    const auto result = ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}));
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().server_text, HasSubstr("removed"));
}

TEST_P(Passes, A_mail_put_off_is_pending_until_it_is_decided) {
    const RowId folder = given_folder({"t1"});
    Pass pass = pass_of(folder, {matched("t1", 8)});
    pass.pending.push_back({"t1", {7, "7"}, 1, at(300), "the connection broke"});
    must(ledger_->commit_pass(pass));

    EXPECT_THAT(must(ledger_->pending(folder, at(299), 10)), IsEmpty());
    const auto waiting = must(ledger_->pending(folder, at(300), 10));
    ASSERT_THAT(waiting, SizeIs(1));
    EXPECT_EQ(waiting[0].ref, (MailRef{7, "7"}));
    EXPECT_EQ(waiting[0].attempts, 1);
    EXPECT_EQ(waiting[0].last_error, "the connection broke");

    Pass again = pass_of(folder, {});
    again.pending.push_back({"t1", {7, "7"}, 2, at(400), "again"});
    must(ledger_->commit_pass(again));
    EXPECT_EQ(must(ledger_->pending(folder, at(400), 10)).at(0).attempts, 2);
    const auto put_off = must(ledger_->put_off("t1", 10));
    EXPECT_EQ(put_off.count, 1);
    EXPECT_EQ(put_off.mails.at(0).attempts, 2);
    EXPECT_EQ(must(ledger_->put_off("t1", 0)).count, 1) << "all are counted";
    EXPECT_EQ(must(ledger_->put_off("t2", 10)).count, 0);

    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    EXPECT_THAT(must(ledger_->pending(folder, at(1000), 10)), IsEmpty());
    EXPECT_THAT(due(), UnorderedElementsAre("t1/7", "t1/8"));
}

TEST_P(Passes, Mails_put_off_under_another_validity_are_forgotten_with_it) {
    const RowId folder = given_folder({"t1"});
    Pass pass = pass_of(folder, {skipped("t1", 8)});
    pass.pending.push_back({"t1", {7, "7"}, 1, at(0), ""});
    must(ledger_->commit_pass(pass));
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 1)}, "v2")));
    EXPECT_THAT(must(ledger_->pending(folder, at(1000), 10)), IsEmpty());
}

TEST_P(Passes, The_same_uid_under_another_validity_is_another_mail) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    Decision other = matched("t1", 7);
    other.key = "t1/v2/7";
    must(ledger_->commit_pass(pass_of(folder, {other}, "v2")));
    EXPECT_THAT(due(), UnorderedElementsAre("t1/7", "t1/v2/7"));
}

TEST_P(Passes, Fingerprints_are_known_from_the_pass_on_and_per_trigger) {
    const RowId folder = given_folder({"t1", "t2"});
    const std::vector<std::string> asked{"print-7", "print-8", "print-9", "", "print-7", "print-7"};
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), skipped("t1", 8), matched("t2", 9)})));
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", asked))), ElementsAre("print-7"));
    EXPECT_THAT(fingerprints(must(ledger_->fired("t2", asked))), ElementsAre("print-9"));
}

TEST_P(Passes, A_start_is_remembered_when_its_row_of_the_log_has_expired) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{accepted(made[0].id)}));
    must(ledger_->expire_log(at(10'000)));
    ASSERT_THAT(must(ledger_->log("t1", {}, 10)), IsEmpty());

    must(ledger_->set_baseline(folder, {"t1", 0, "v1", at(300), 0}, {}));
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))), IsEmpty());
    EXPECT_THAT(due(), IsEmpty());
}

TEST_P(Passes, Odd_bytes_of_a_mail_stop_no_pass) {
    const RowId folder = given_folder({"t1"});
    Decision odd = matched("t1", 7);
    odd.subject = std::string("nul\0 and \xFF", 10);
    must(ledger_->commit_pass(pass_of(folder, {odd})));
    EXPECT_EQ(must(ledger_->log("t1", {}, 10)).at(0).subject, "nul\uFFFD and \uFFFD");
}

TEST_P(Passes, A_thousand_decisions_with_large_payloads_come_back_as_they_went_in) {
    const RowId folder = given_folder({"t1"});
    std::vector<Decision> decisions;
    for (int i = 1; i <= 1000; ++i) {
        decisions.push_back(matched("t1", i));
        decisions.back().payload.assign(50'000, static_cast<char>('a' + i % 26));
    }
    const auto made = must(ledger_->commit_pass(pass_of(folder, decisions)));
    ASSERT_THAT(made, SizeIs(1000));
    const auto rows = must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(100), 2000));
    ASSERT_THAT(rows, SizeIs(1000));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ(rows[i].key, decisions[i].key);
        ASSERT_EQ(rows[i].payload, decisions[i].payload);
        ASSERT_EQ(rows[i].id, made[i].id);
    }
}

INSTANTIATE_TEST_SUITE_P(On, Passes, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
