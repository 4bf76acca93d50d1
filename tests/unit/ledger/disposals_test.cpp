#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Disposals : public LedgerTest {
  protected:
    std::vector<DisposalRow> ready(RowId folder, const std::vector<std::string> &started,
                                   std::int64_t seconds = 1000) {
        return must(ledger_->ready_disposals(folder, started, at(seconds), 100));
    }
    void accept(const std::vector<OutboxRow> &rows) {
        std::vector<Answer> answers;
        for (const auto &row : rows)
            answers.push_back(accepted(row.id));
        must(ledger_->record_answers(answers));
    }
};

TEST_P(Disposals, A_mail_is_ready_when_its_start_is_accepted_and_not_before) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), skipped("t1", 8)})));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
    accept(made);
    const auto rows = ready(folder, {"t1"});
    ASSERT_THAT(uids(rows), ElementsAre("7")) << "a mail that did not match is never touched";
    EXPECT_TRUE(rows[0].remove);
    EXPECT_EQ(rows[0].ref.order, 7);
}

TEST_P(Disposals, A_parked_start_keeps_its_mail) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->record_answers(std::vector{refused(made[0].id, "no")}));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
}

TEST_P(Disposals, Every_start_of_a_mail_must_be_accepted) {
    const RowId folder = given_folder({"t1", "t2"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t2", 7)})));
    accept({made[0]});
    EXPECT_THAT(ready(folder, {"t1", "t2"}), IsEmpty());
    accept({made[1]});
    EXPECT_THAT(uids(ready(folder, {"t1", "t2"})), ElementsAre("7")) << "once, though two triggers matched";
}

TEST_P(Disposals, Every_started_trigger_must_have_decided) {
    const RowId folder = given_folder({"t1", "t2"});
    accept(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))));
    EXPECT_THAT(ready(folder, {"t1", "t2"}), IsEmpty()) << "t2 has only come to 0";
    EXPECT_THAT(ready(folder, {"t1", "new"}), IsEmpty()) << "it has not looked yet";
    EXPECT_THAT(ready(folder, {"t1", "t1"}), SizeIs(1)) << "t2 was stopped";
    EXPECT_THAT(ready(folder, {}), IsEmpty()) << "nobody watches";

    Pass pass = pass_of(folder, {skipped("t2", 8)});
    pass.pending.push_back({"t2", {7, "7"}, 1, at(0), ""});
    must(ledger_->commit_pass(pass));
    EXPECT_THAT(ready(folder, {"t1", "t2"}), IsEmpty()) << "t2 has put it off";
    must(ledger_->commit_pass(pass_of(folder, {skipped("t2", 7)})));
    EXPECT_THAT(uids(ready(folder, {"t1", "t2"})), ElementsAre("7"));
}

TEST_P(Disposals, A_mail_of_a_shared_start_is_ready_like_the_first) {
    const RowId folder = given_folder({"t1"});
    Decision first = matched("t1", 7);
    Decision second = matched("t1", 8);
    second.key = first.key;
    const auto made = must(ledger_->commit_pass(pass_of(folder, {first, second})));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
    accept(made);
    EXPECT_THAT(uids(ready(folder, {"t1"})), ElementsAre("7", "8"));
}

TEST_P(Disposals, Under_another_validity_no_mail_is_touched) {
    const RowId folder = given_folder({"t1"});
    accept(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))));
    must(ledger_->set_folder_identity(folder, "imap://server", "v2"));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 9)}, "v2")));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty()) << "uid 7 is another mail now";
}

TEST_P(Disposals, A_duplicate_waits_for_the_start_that_it_repeats) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    Decision duplicate = skipped("t1", 2);
    duplicate.duplicate = true;
    duplicate.fingerprint = "print-7";
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {duplicate}, "v2"))), IsEmpty());
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
    accept(made);
    EXPECT_THAT(uids(ready(folder, {"t1"})), ElementsAre("2"));
}

TEST_P(Disposals, What_is_done_is_done_once) {
    const RowId folder = given_folder({"t1"});
    accept(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))));
    const std::vector<RowId> rows{ready(folder, {"t1"}).at(0).id};
    must(ledger_->finish_disposals(folder, rows, {}));
    reopen();
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
    must(ledger_->finish_disposals(folder, rows, {}));
}

TEST_P(Disposals, What_failed_is_tried_again_later) {
    const RowId folder = given_folder({"t1"});
    accept(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))));
    const std::vector<RowId> rows{ready(folder, {"t1"}).at(0).id};
    must(ledger_->put_off_disposals(rows, at(500), "the folder is read-only"));
    EXPECT_THAT(ready(folder, {"t1"}, 499), IsEmpty());
    EXPECT_EQ(ready(folder, {"t1"}, 500).at(0).attempts, 1);
}

TEST_P(Disposals, Without_a_disposal_nothing_is_to_be_done) {
    const RowId folder = given_folder({"t1"});
    Pass pass = pass_of(folder, {matched("t1", 7)});
    pass.disposal.reset();
    accept(must(ledger_->commit_pass(pass)));
    EXPECT_THAT(ready(folder, {"t1"}), IsEmpty());
}

TEST_P(Disposals, Forgetting_a_trigger_leaves_the_mails_that_it_did_not_start) {
    const RowId folder = given_folder({"t1", "t2"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t2", 8)})));
    accept({made[1]});
    must(ledger_->commit_pass(pass_of(folder, {skipped("t2", 9), skipped("t1", 9)})));
    must(ledger_->forget_trigger("t1"));
    EXPECT_THAT(uids(ready(folder, {"t2"})), ElementsAre("8"));
}

INSTANTIATE_TEST_SUITE_P(On, Disposals, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
