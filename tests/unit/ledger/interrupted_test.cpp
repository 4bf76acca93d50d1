// Mails that were being read when the process ended.
#include <gmock/gmock.h>

#include "ledger_fixture.hpp"
#include "shared_postgres.hpp"

namespace roe::ledger::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class Deaths : public LedgerTest {
  protected:
    void SetUp() override {
        LedgerTest::SetUp();
        folder_ = given_folder({"t1", "t2"});
    }

    [[nodiscard]] InterruptedMail mail(std::vector<std::string> triggers = {"t1"}) const {
        InterruptedMail mail;
        mail.folder = folder_;
        mail.validity = "v1";
        mail.ref = {7, "7"};
        mail.node = "node";
        mail.epoch = 1;
        mail.tenant = "tenant";
        mail.triggers = std::move(triggers);
        mail.words = {"<7@example.org>", "Invoice", "Ann <ann@example.org>", at(10)};
        return mail;
    }
    std::vector<PendingMail> ahead() { return must(ledger_->interrupted(folder_, "v1")); }
    std::vector<PendingMail> pending() { return must(ledger_->pending(folder_, at(10'000), 10)); }
    void put_off(bool quarantined, int deaths) {
        Pass pass = pass_of(folder_, {});
        pass.marks.push_back({"t1", 7, "v1", at(0), 0});
        PendingMail row{"t1", {7, "7"}, 4, at(300), "the connection broke", quarantined};
        row.deaths = deaths;
        pass.pending.push_back(std::move(row));
        must(ledger_->commit_pass(pass));
    }

    RowId folder_ = 0;
};

TEST_P(Deaths, Are_counted_for_each_trigger_that_has_not_decided_and_shown_in_the_message_log) {
    must(ledger_->count_death(mail({"t1", "t2"}), at(100)));
    must(ledger_->count_death(mail(), at(200)));
    const auto rows = ahead();
    ASSERT_THAT(rows, SizeIs(2));
    for (const auto &row : rows) {
        EXPECT_EQ(row.deaths, row.trigger == "t1" ? 2 : 1);
        EXPECT_EQ(row.attempts, row.deaths);
        EXPECT_EQ(row.ref, (MailRef{7, "7"}));
        EXPECT_LE(row.not_before, at(200)) << "it is tried again at once";
    }
    const auto log = must(ledger_->log("t1", std::nullopt, 10));
    ASSERT_THAT(log, SizeIs(1));
    EXPECT_EQ(log[0].state, MessageState::pending);
    EXPECT_EQ(log[0].subject, "Invoice");
    EXPECT_EQ(log[0].attempts, 2);
    EXPECT_EQ(log[0].reason_text, "The process ended while this mail was being read");
}

TEST_P(Deaths, Of_a_mail_ahead_of_the_mark_come_with_the_new_mail_only_and_go_when_it_is_decided) {
    must(ledger_->count_death(mail(), at(100)));
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_THAT(ahead(), SizeIs(1));
    EXPECT_THAT(must(ledger_->interrupted(folder_, "v2")), IsEmpty());
    must(ledger_->commit_pass(pass_of(folder_, {matched("t1", 7)})));
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_THAT(ahead(), IsEmpty());
    EXPECT_THAT(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(10'000), 10)), SizeIs(1));
    must(ledger_->count_death(mail(), at(200)));
    EXPECT_THAT(ahead(), IsEmpty()) << "it is decided";
    EXPECT_THAT(pending(), IsEmpty());
}

TEST_P(Deaths, Of_a_mail_that_was_put_off_are_added_to_its_tries_until_one_ends_without) {
    put_off(false, 0);
    must(ledger_->count_death(mail(), at(400)));
    ASSERT_THAT(pending(), SizeIs(1));
    EXPECT_EQ(pending()[0].attempts, 5);
    EXPECT_EQ(pending()[0].deaths, 1);
    EXPECT_EQ(pending()[0].not_before, at(300));
    EXPECT_THAT(ahead(), IsEmpty());
    put_off(false, 0);
    EXPECT_EQ(pending()[0].deaths, 0);
    put_off(true, 2);
    EXPECT_THAT(pending(), IsEmpty());
    EXPECT_EQ(must(ledger_->put_off("t1", 10)).quarantined, 1);
}

TEST_P(Deaths, Count_for_nothing_where_the_mail_means_nothing_any_more) {
    auto renumbered = mail();
    renumbered.validity = "v0";
    must(ledger_->count_death(renumbered, at(100)));
    auto elsewhere = mail();
    elsewhere.folder = folder_ + 1000;
    must(ledger_->count_death(elsewhere, at(100)));
    must(ledger_->count_death(mail({"t9"}), at(100)));
    EXPECT_THAT(ahead(), IsEmpty());
    EXPECT_THAT(must(ledger_->log("t1", std::nullopt, 10)), IsEmpty());
    EXPECT_THAT(must(ledger_->log("t9", std::nullopt, 10)), IsEmpty());
}

TEST_P(Deaths, Count_for_nothing_when_another_node_watches_the_mailbox_since) {
    const auto ours = must(ledger_->lease("mailbox", "node", at(0), std::chrono::seconds(10)));
    auto noted = mail();
    noted.epoch = ours.value();
    must(ledger_->count_death(noted, at(5)));
    EXPECT_THAT(ahead(), SizeIs(1));
    must(ledger_->commit_pass([&] {
        auto pass = pass_of(folder_, {skipped("t1", 6)});
        pass.epoch = noted.epoch;
        return pass;
    }()));
    ASSERT_TRUE(must(ledger_->lease("mailbox", "other", at(20), std::chrono::seconds(10))));
    must(ledger_->count_death(noted, at(25)));
    ASSERT_THAT(ahead(), SizeIs(1));
    EXPECT_EQ(ahead()[0].deaths, 1);
}

TEST_P(Deaths, Of_a_mail_that_a_restored_trigger_passes_over_are_forgotten_and_it_is_counted_once) {
    must(ledger_->count_death(mail(), at(100)));
    must(ledger_->note_restored("t1", at(50), at(200)));
    Mark mark{"t1", 9, "v1", at(300), 0};
    mark.restored_until = at(200);
    EXPECT_EQ(must(ledger_->set_restored_baseline(folder_, mark, 3)), 3);
    EXPECT_THAT(ahead(), IsEmpty());
    EXPECT_THAT(pending(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(On, Deaths, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
