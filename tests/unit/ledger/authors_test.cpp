// Who is told what became of a start.
#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Decision from(const std::vector<std::string> &addresses, Decision decision) {
    for (const auto &address : addresses)
        decision.authors.push_back(
            {0, address, decision.subject, decision.message_id, {"0@example.com", "1@b"}});
    return decision;
}

class Authors : public LedgerTest {
  protected:
    std::vector<std::string> known(const std::string &key) {
        std::vector<std::string> found;
        for (const auto &author : must(ledger_->authors(key)))
            found.push_back(std::to_string(author.number) + " " + author.address);
        return found;
    }
    std::vector<std::string> untold() {
        std::vector<std::string> found;
        for (const auto &start : must(ledger_->untold_starts(10)))
            found.push_back(start.key + " of " + start.trigger + ", " + start.tenant);
        return found;
    }
    OutboxRow given_start(const Decision &decision) {
        return must(ledger_->commit_pass(pass_of(given_folder({"t1"}), {decision}))).at(0);
    }
};

TEST_P(Authors, They_are_known_with_their_start_and_outlive_a_restart) {
    given_start(from({"ann@b", "bob@b"}, matched("t1", 7)));
    reopen();
    const auto authors = must(ledger_->authors("t1/7"));
    ASSERT_THAT(authors, SizeIs(2));
    EXPECT_EQ(authors[1].number, 2);
    EXPECT_EQ(authors[1].address, "bob@b");
    EXPECT_EQ(authors[1].subject, "Счёт 7");
    EXPECT_EQ(authors[1].message_id, "7@example.com");
    EXPECT_THAT(authors[1].references, ElementsAre("0@example.com", "1@b"));
    EXPECT_THAT(known("t1/8"), IsEmpty());
}

TEST_P(Authors, Each_is_once_among_those_of_a_start_for_several_mails) {
    std::vector<Decision> mails;
    for (const std::int64_t order : {1, 2, 3}) {
        auto decision = from({order == 2 ? "bob@b" : "ann@b"}, matched("t1", order));
        decision.key = "shared";
        if (order > 1) decision.payload = decision.spool = "";
        mails.push_back(std::move(decision));
    }
    ASSERT_THAT(must(ledger_->commit_pass(pass_of(given_folder({"t1"}), mails))), SizeIs(1));
    EXPECT_THAT(known("shared"), ElementsAre("1 ann@b", "2 bob@b"));
    EXPECT_EQ(must(ledger_->authors("shared"))[0].message_id, "1@example.com") << "his first mail";
}

TEST_P(Authors, Mails_that_start_nothing_have_none) {
    const RowId folder = given_folder({"t1"});
    auto skip = from({"ann@b"}, skipped("t1", 1));
    skip.key = "t1/1";
    auto again = from({"ann@b"}, matched("t1", 2));
    again.duplicate = true;
    must(ledger_->commit_pass(pass_of(folder, {skip, again})));
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 3)})));
    must(ledger_->commit_pass(pass_of(folder, {from({"ann@b"}, matched("t1", 3))})));
    for (const auto *key : {"t1/1", "t1/2", "t1/3"})
        EXPECT_THAT(known(key), IsEmpty()) << key;
}

TEST_P(Authors, Those_of_a_refused_start_are_to_be_told_once) {
    const auto start = given_start(from({"ann@b", "bob@b"}, matched("t1", 7)));
    EXPECT_THAT(untold(), IsEmpty());
    must(ledger_->record_answers(std::vector{busy(start.id, at(300))}));
    EXPECT_THAT(untold(), IsEmpty()) << "it is asked for again";
    must(ledger_->record_answers(std::vector{refused(start.id, "no")}));
    reopen();
    ASSERT_THAT(untold(), ElementsAre("t1/7 of t1, tenant"));
    EXPECT_THAT(must(ledger_->untold_starts(10))[0].authors, SizeIs(2));
    must(ledger_->note_told("t1/7"));
    EXPECT_THAT(untold(), IsEmpty());

    const auto row = must(ledger_->log("t1", {}, 10)).at(0).id;
    ASSERT_EQ(must(ledger_->retry("t1", row)), Wish::granted);
    must(ledger_->record_answers(std::vector{refused(start.id, "no")}));
    EXPECT_THAT(untold(), IsEmpty()) << "they know";
    EXPECT_THAT(known("t1/7"), SizeIs(2)) << "and may hear of its outcome yet";
}

TEST_P(Authors, Those_of_a_start_that_a_restore_has_parked_are_not_told) {
    given_start(from({"ann@b"}, matched("t1", 7)));
    must(ledger_->note_restored("t1", at(100), at(200)));
    EXPECT_EQ(must(ledger_->log("t1", {}, 10)).at(0).state, MessageState::parked);
    EXPECT_THAT(untold(), IsEmpty());
}

TEST_P(Authors, They_go_with_the_message_log_unless_their_start_still_waits) {
    const RowId folder = given_folder({"t1"});
    const auto starts = must(ledger_->commit_pass(
        pass_of(folder, {from({"ann@b"}, matched("t1", 1)), from({"bob@b"}, matched("t1", 2))})));
    must(ledger_->record_answers(std::vector{accepted(starts[0].id)}));
    must(ledger_->expire_log(at(99)));
    EXPECT_THAT(known("t1/1"), SizeIs(1)) << "decided at 100";
    must(ledger_->expire_log(at(101)));
    EXPECT_THAT(known("t1/1"), IsEmpty());
    EXPECT_THAT(known("t1/2"), SizeIs(1));
}

TEST_P(Authors, They_go_with_their_trigger_and_when_their_tenants_content_is_erased) {
    const RowId folder = given_folder({"t1", "t2", "t3"});
    auto of_another = from({"ann@b"}, matched("t3", 1));
    of_another.tenant = "another";
    must(ledger_->commit_pass(
        pass_of(folder, {from({"ann@b"}, matched("t1", 1)), from({"ann@b"}, matched("t2", 1)), of_another})));
    must(ledger_->forget_trigger("t1"));
    EXPECT_THAT(known("t1/1"), IsEmpty());
    EXPECT_THAT(known("t2/1"), SizeIs(1));
    must(ledger_->erase_log("tenant"));
    EXPECT_THAT(known("t2/1"), IsEmpty());
    EXPECT_THAT(known("t3/1"), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(On, Authors, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
