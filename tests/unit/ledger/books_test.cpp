// Mailboxes, folders, baselines, the message log and leases.
#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using namespace std::chrono_literals;

MailboxRow a_mailbox(const std::string &id, const std::string &tenant, const std::string &address) {
    return {id, tenant, address, R"({"Imap":"mail.example.com"})", {{"Password", "sealed-1"}}, 1};
}

class Mailboxes : public LedgerTest {};

TEST_P(Mailboxes, A_mailbox_is_kept_with_its_sealed_secrets) {
    EXPECT_TRUE(must(ledger_->insert_mailbox(a_mailbox("m1", "", "ann@example.com"))));
    reopen();
    const auto row = must(ledger_->mailbox("m1"));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->address, "ann@example.com");
    EXPECT_EQ(row->values, R"({"Imap":"mail.example.com"})");
    EXPECT_THAT(row->sealed, ElementsAre(std::pair("Password", "sealed-1")));
    EXPECT_EQ(row->revision, 1);
    EXPECT_FALSE(must(ledger_->mailbox("m2")));
}

TEST_P(Mailboxes, An_address_is_unique_in_its_tenant_only) {
    EXPECT_TRUE(must(ledger_->insert_mailbox(a_mailbox("m1", "a", "ann@example.com"))));
    EXPECT_FALSE(must(ledger_->insert_mailbox(a_mailbox("m2", "a", "ann@example.com"))));
    EXPECT_TRUE(must(ledger_->insert_mailbox(a_mailbox("m3", "b", "ann@example.com"))));
    EXPECT_THAT(must(ledger_->mailboxes({})), SizeIs(2));
    EXPECT_THAT(must(ledger_->mailboxes("b")), SizeIs(1));
    EXPECT_THAT(must(ledger_->mailboxes("")), IsEmpty()) << "the default tenant is a tenant of its own";
}

TEST_P(Mailboxes, Of_two_edits_of_one_revision_the_second_is_refused) {
    must(ledger_->insert_mailbox(a_mailbox("m1", "a", "ann@example.com")));
    MailboxRow edit = a_mailbox("m1", "a", "bob@example.com");
    edit.revision = 2;
    edit.sealed = {{"ClientSecret", "sealed-2"}};
    EXPECT_TRUE(must(ledger_->update_mailbox(edit)));
    EXPECT_FALSE(must(ledger_->update_mailbox(edit)));
    const auto row = must(ledger_->mailbox("m1"));
    EXPECT_EQ(row->address, "bob@example.com");
    EXPECT_THAT(row->sealed, ElementsAre(std::pair("ClientSecret", "sealed-2")));
}

TEST_P(Mailboxes, An_edit_can_not_take_anothers_address) {
    must(ledger_->insert_mailbox(a_mailbox("m1", "a", "ann@example.com")));
    must(ledger_->insert_mailbox(a_mailbox("m2", "a", "bob@example.com")));
    MailboxRow edit = a_mailbox("m2", "a", "ann@example.com");
    edit.revision = 2;
    EXPECT_FALSE(must(ledger_->update_mailbox(edit)));
    EXPECT_EQ(must(ledger_->mailbox("m2"))->address, "bob@example.com");
}

TEST_P(Mailboxes, A_removed_mailbox_takes_its_folders_with_it_but_not_its_starts) {
    must(ledger_->insert_mailbox(a_mailbox("mailbox", "a", "ann@example.com")));
    const RowId folder = given_folder({"t1"});
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)})));
    must(ledger_->remove_mailbox("mailbox"));
    EXPECT_FALSE(must(ledger_->mailbox("mailbox")));
    EXPECT_THAT(must(ledger_->marks(folder)), IsEmpty());
    EXPECT_THAT(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(1000), 10)), SizeIs(1));
    EXPECT_NE(must(ledger_->folder("mailbox", "INBOX")).id, folder);
}

TEST_P(Mailboxes, Tokens_are_kept_until_others_come_and_go_with_the_mailbox) {
    must(ledger_->insert_mailbox(a_mailbox("m1", "a", "ann@example.com")));
    EXPECT_EQ(must(ledger_->tokens("m1")), "");
    must(ledger_->keep_tokens("m1", "sealed-1"));
    must(ledger_->keep_tokens("base/a", "sealed-of-base"));
    must(ledger_->keep_tokens("m1", "sealed-2"));
    reopen();
    EXPECT_EQ(must(ledger_->tokens("m1")), "sealed-2");
    must(ledger_->remove_mailbox("m1"));
    EXPECT_EQ(must(ledger_->tokens("m1")), "");
    EXPECT_EQ(must(ledger_->tokens("base/a")), "sealed-of-base");
}

TEST_P(Mailboxes, A_pause_lasts_until_it_is_ended_and_goes_with_the_mailbox) {
    must(ledger_->insert_mailbox(a_mailbox("m1", "a", "ann@example.com")));
    must(ledger_->pause("m1", at(7)));
    must(ledger_->pause("m1", at(9)));
    must(ledger_->pause("base", at(8)));
    reopen();
    EXPECT_THAT(must(ledger_->pauses()), ElementsAre(Pair("base", at(8)), Pair("m1", at(7))));
    must(ledger_->resume("base"));
    must(ledger_->resume("base"));
    must(ledger_->remove_mailbox("m1"));
    EXPECT_THAT(must(ledger_->pauses()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(On, Mailboxes, on_both, backend_name);

class Folders : public LedgerTest {};

TEST_P(Folders, A_folder_is_the_same_row_whenever_it_is_asked_for) {
    const auto first = must(ledger_->folder("m1", "Входящие"));
    EXPECT_EQ(first.validity, "");
    must(ledger_->set_folder_identity(first.id, "imap://ann@server:143", "77"));
    reopen();
    const auto again = must(ledger_->folder("m1", "Входящие"));
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(again.server, "imap://ann@server:143");
    EXPECT_EQ(again.validity, "77");
    EXPECT_NE(must(ledger_->folder("m2", "Входящие")).id, first.id);
}

TEST_P(Folders, A_baseline_holds_the_mails_still_to_be_decided) {
    const auto folder = must(ledger_->folder("m1", "INBOX"));
    const std::vector<MailRef> unread{{3, "3"}, {2, "2"}, {3, "3"}};
    must(ledger_->set_baseline(folder.id, {"t1", 9, "v1", at(5), 4}, unread));
    const auto marks = must(ledger_->marks(folder.id));
    ASSERT_THAT(marks, SizeIs(1));
    EXPECT_EQ(marks[0].trigger, "t1");
    EXPECT_EQ(marks[0].order, 9);
    EXPECT_EQ(marks[0].validity, "v1");
    EXPECT_EQ(marks[0].baseline_at, at(5));
    EXPECT_EQ(marks[0].reconcile_to, 4);
    const auto pending = must(ledger_->pending(folder.id, at(0), 10));
    ASSERT_THAT(pending, SizeIs(2));
    EXPECT_EQ(pending[0].ref, (MailRef{2, "2"}));
    EXPECT_THAT(must(ledger_->pending(folder.id, at(0), 1)), SizeIs(1));
}

TEST_P(Folders, A_new_baseline_replaces_the_old_one_in_whatever_folder) {
    const auto inbox = must(ledger_->folder("m1", "INBOX"));
    const auto orders = must(ledger_->folder("m1", "Orders"));
    must(ledger_->set_baseline(inbox.id, {"t1", 9, "v1", at(5), 0}, std::vector<MailRef>{{3, "3"}}));
    must(ledger_->set_baseline(inbox.id, {"t2", 9, "v1", at(5), 0}, std::vector<MailRef>{{4, "4"}}));
    must(ledger_->set_baseline(orders.id, {"t1", 2, "w1", at(6), 0}, {}));
    EXPECT_THAT(must(ledger_->marks(inbox.id)), SizeIs(1));
    EXPECT_THAT(must(ledger_->marks(orders.id)), SizeIs(1));
    EXPECT_EQ(must(ledger_->pending(inbox.id, at(0), 10)).at(0).trigger, "t2");
    must(ledger_->set_baseline(orders.id, {"t1", 1, "w1", at(7), 0}, {}));
    EXPECT_EQ(must(ledger_->marks(orders.id)).at(0).order, 1) << "only a baseline may lower a mark";
}

TEST_P(Folders, The_last_mail_of_its_triggers_is_remembered) {
    const RowId folder = given_folder({"t1", "t2"});
    EXPECT_EQ(must(ledger_->folder("mailbox", "INBOX")).last_mail, std::nullopt);
    must(ledger_->commit_pass(pass_of(folder, {skipped("t1", 7), skipped("t2", 8)})));
    const auto received = skipped("t2", 8).received_at;
    reopen();
    EXPECT_EQ(must(ledger_->folder("mailbox", "INBOX")).last_mail, received);
    // What the trigger saw in another folder is not this one's.
    const auto orders = must(ledger_->folder("mailbox", "Orders"));
    must(ledger_->set_baseline(orders.id, {"t2", 9, "v1", at(0), 0}, {}));
    EXPECT_EQ(must(ledger_->folder("mailbox", "Orders")).last_mail, std::nullopt);
    EXPECT_EQ(must(ledger_->trigger_times("t2")).last_mail, std::nullopt);
    EXPECT_EQ(must(ledger_->folder("mailbox", "INBOX")).last_mail, skipped("t1", 7).received_at);
    must(ledger_->set_baseline(folder, {"t1", 9, "v2", at(0), 0}, {}));
    EXPECT_EQ(must(ledger_->folder("mailbox", "INBOX")).last_mail, skipped("t1", 7).received_at)
        << "the same folder, begun anew";
}

INSTANTIATE_TEST_SUITE_P(On, Folders, on_both, backend_name);

class MessageLog : public LedgerTest {};

TEST_P(MessageLog, It_says_what_was_decided_and_why_newest_first) {
    const RowId folder = given_folder({"t1", "t2"});
    Decision duplicate = skipped("t1", 9);
    duplicate.duplicate = true;
    must(ledger_->commit_pass(
        pass_of(folder, {skipped("t1", 7), matched("t1", 8), duplicate, matched("t2", 7)})));
    const auto rows = must(ledger_->log("t1", {}, 10));
    ASSERT_THAT(rows, SizeIs(3));
    EXPECT_EQ(rows[2].message_id, "7@example.com");
    EXPECT_EQ(rows[2].subject, "Счёт 7");
    EXPECT_EQ(rows[2].from, "Ann <ann@example.com>");
    EXPECT_EQ(rows[2].received_at, at(7));
    EXPECT_EQ(rows[2].decided_at, at(100));
    EXPECT_EQ(rows[2].state, MessageState::skipped);
    EXPECT_EQ(rows[2].reason_code, "subject");
    EXPECT_FALSE(rows[2].triggered);
    EXPECT_TRUE(rows[1].triggered);
    EXPECT_EQ(rows[1].state, MessageState::queued);
    EXPECT_TRUE(rows[0].duplicate);
    EXPECT_FALSE(rows[0].triggered);
    EXPECT_THAT(must(ledger_->log("t1", rows[1].id, 10)), SizeIs(1));
    EXPECT_THAT(must(ledger_->log("t1", {}, 2)), SizeIs(2));
    EXPECT_EQ(must(ledger_->trigger_times("t1")).last_mail, at(9));
    EXPECT_EQ(must(ledger_->trigger_times("t3")).last_mail, std::nullopt);
}

TEST_P(MessageLog, Old_rows_go_unless_a_start_or_a_look_still_needs_them) {
    const RowId folder = given_folder({"t1", "t2"});
    Pass pass = pass_of(folder, {skipped("t1", 5), matched("t1", 6), matched("t1", 7), matched("t1", 8),
                                 skipped("t2", 5), skipped("t2", 6)});
    pass.marks.pop_back(); // of t2: it has decided 5 and 6, but its mark has not passed them
    const auto made = must(ledger_->commit_pass(pass));
    must(ledger_->record_answers(std::vector{accepted(made[0].id), refused(made[2].id, "no")}));
    Pass later = pass_of(folder, {skipped("t1", 9)});
    later.decided_at = at(500);
    must(ledger_->commit_pass(later));

    must(ledger_->expire_log(at(500)));
    std::vector<std::string> left;
    for (const auto &row : must(ledger_->log("t1", {}, 10)))
        left.push_back(row.message_id);
    EXPECT_THAT(left, ElementsAre("9@example.com", "8@example.com", "7@example.com"));
    EXPECT_THAT(must(ledger_->log("t2", {}, 10)), SizeIs(2));
}

TEST_P(MessageLog, Thousands_of_rows_are_trimmed_in_one_go) {
    const RowId folder = given_folder({"t1"});
    std::vector<Decision> decisions;
    for (int i = 1; i <= 4500; ++i)
        decisions.push_back(skipped("t1", i));
    must(ledger_->commit_pass(pass_of(folder, decisions)));
    must(ledger_->expire_log(at(101)));
    EXPECT_THAT(must(ledger_->log("t1", {}, 10)), IsEmpty());
}

TEST_P(MessageLog, A_fingerprint_outlives_the_log_until_we_have_deleted_the_mail) {
    const RowId folder = given_folder({"t1"});
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), matched("t1", 8)})));
    must(ledger_->record_answers(std::vector{accepted(made[0].id), accepted(made[1].id)}));
    const auto ready = must(ledger_->ready_disposals(folder, std::vector<std::string>{"t1"}, at(300), 1));
    must(ledger_->finish_disposals(folder, std::vector{ready.at(0).id}, {.remove = true}));
    const std::vector<std::string> prints{"print-7", "print-8"};

    must(ledger_->expire_log(at(99)));
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", prints))), SizeIs(2)) << "too young";
    must(ledger_->expire_log(at(10'000)));
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", prints))), ElementsAre("print-8"));
}

TEST_P(MessageLog, A_forgotten_trigger_leaves_nothing_behind) {
    const RowId folder = given_folder({"t1", "t2"});
    Pass pass = pass_of(folder, {matched("t1", 7), matched("t2", 7)});
    pass.pending.push_back({"t1", {6, "6"}, 1, at(0), ""});
    must(ledger_->commit_pass(pass));
    must(ledger_->forget_trigger("t1"));
    EXPECT_THAT(must(ledger_->log("t1", {}, 10)), IsEmpty());
    EXPECT_THAT(must(ledger_->marks(folder)), SizeIs(1));
    EXPECT_THAT(must(ledger_->pending(folder, at(1000), 10)), IsEmpty());
    EXPECT_THAT(fingerprints(must(ledger_->fired("t1", std::vector<std::string>{"print-7"}))), IsEmpty());
    EXPECT_EQ(must(ledger_->trigger_times("t1")).last_mail, std::nullopt);
    EXPECT_THAT(keys(must(ledger_->due_outbox(std::vector<std::string>{"t1", "t2"}, at(1000), 10))),
                ElementsAre("t2/7"));
    EXPECT_THAT(must(ledger_->log("t2", {}, 10)), SizeIs(1));
}

TEST_P(MessageLog, What_it_says_of_a_tenants_mails_can_be_erased_and_nothing_starts_twice) {
    const RowId folder = given_folder({"t1", "t2"});
    Decision others = skipped("t2", 8);
    others.tenant = "other";
    const auto made = must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7), skipped("t1", 8), others})));
    EXPECT_EQ(must(ledger_->erase_log(matched("t1", 7).tenant)), 2);
    EXPECT_EQ(must(ledger_->erase_log(matched("t1", 7).tenant)), 0) << "there is nothing left to erase";

    const auto rows = must(ledger_->log("t1", {}, 10));
    ASSERT_THAT(rows, SizeIs(2));
    for (const auto &row : rows) {
        EXPECT_EQ(row.subject + row.from + row.message_id + row.reason_text, "");
        EXPECT_NE(row.reason_code, "");
    }
    EXPECT_NE(must(ledger_->log("t2", {}, 10)).at(0).subject, "") << "another tenant's";
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 7)}))), IsEmpty());
    EXPECT_THAT(keys(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(1000), 10))), SizeIs(1))
        << "what is still to be started is";
    must(ledger_->record_answers(std::vector{accepted(made[0].id)}));
    EXPECT_EQ(must(ledger_->log("t1", {}, 10)).back().state, MessageState::delivered);
}

TEST_P(MessageLog, The_backlog_is_counted) {
    const RowId folder = given_folder({"t1"});
    Pass pass = pass_of(folder, {matched("t1", 7), matched("t1", 8), matched("t1", 9)});
    pass.pending.push_back({"t1", {6, "6"}, 1, at(0), ""});
    const auto made = must(ledger_->commit_pass(pass));
    Answer parked = accepted(made[1].id);
    parked.accepted = false;
    parked.park = true;
    must(ledger_->record_answers(std::vector{accepted(made[0].id), parked}));
    const auto backlog = must(ledger_->backlog());
    EXPECT_EQ(backlog.queued, 1);
    EXPECT_EQ(backlog.parked, 1);
    EXPECT_EQ(backlog.pending, 1);
    EXPECT_EQ(backlog.disposals, 3);
}

INSTANTIATE_TEST_SUITE_P(On, MessageLog, on_both, backend_name);

class Leases : public LedgerTest {};

TEST_P(Leases, A_mailbox_belongs_to_one_node_until_its_lease_runs_out) {
    EXPECT_EQ(must(ledger_->lease("m1", "a", at(0), 10s)), 1);
    EXPECT_EQ(must(ledger_->lease("m1", "b", at(5), 10s)), std::nullopt);
    EXPECT_EQ(must(ledger_->lease("m1", "a", at(8), 10s)), 1) << "renewed by its holder";
    EXPECT_EQ(must(ledger_->lease("m1", "b", at(17), 10s)), std::nullopt);
    EXPECT_EQ(must(ledger_->lease("m1", "b", at(18), 10s)), 2) << "each change of hands is a new epoch";
    EXPECT_EQ(must(ledger_->lease("m1", "a", at(19), 10s)), std::nullopt);
    EXPECT_EQ(must(ledger_->lease("m2", "a", at(19), 10s)), 1);
}

TEST_P(Leases, A_lease_given_up_can_be_taken_at_once) {
    must(ledger_->lease("m1", "a", at(0), 10s));
    must(ledger_->lease("m1", "a", at(1), 0s));
    EXPECT_EQ(must(ledger_->lease("m1", "b", at(1), 10s)), 2);
}

TEST_P(Leases, A_node_that_lost_its_mailbox_can_not_record_a_pass) {
    const RowId folder = given_folder({"t1"});
    must(ledger_->lease("mailbox", "node", at(0), 10s));
    must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1)})));
    must(ledger_->lease("mailbox", "other", at(20), 10s));

    const auto result = ledger_->commit_pass(pass_of(folder, {matched("t1", 2)}));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::storage);
    EXPECT_THAT(result.error().server_text, HasSubstr("belongs to node other"));
    EXPECT_EQ(must(ledger_->marks(folder)).at(0).order, 1);
    EXPECT_THAT(must(ledger_->due_outbox(std::vector<std::string>{"t1"}, at(1000), 10)), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(On, Leases, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
