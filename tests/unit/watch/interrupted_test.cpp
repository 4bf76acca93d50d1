// A mail over which the process ends: tried again, and left to a person when it was the trouble.
#include <csignal>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

using ledger::MessageState;
using ledger::Wish;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Interrupted : public MailroomTest {
  protected:
    // The plugin stops; what comes then is seen when it starts again.
    void stop_plugin() {
        folder_row_ = ledger->folder("mb-1", "INBOX")->id;
        epoch_ = **ledger->lease("mb-1", "node", clock.wall(), 24h);
        close();
    }
    // A process that dies while it reads these mails for these triggers; the next one counts that.
    void die_of(const std::vector<std::int64_t> &orders, const std::vector<std::string> &readers = {"t1"}) {
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto dying = UnderWork::begin(folder_path);
            std::vector<std::unique_ptr<UnderWork::Note>> notes;
            for (const auto order : orders) {
                ledger::InterruptedMail mail;
                mail.folder = folder_row_;
                mail.validity = "1@ann@imap.example.com";
                mail.ref = {order, std::to_string(order)};
                mail.node = "node";
                mail.epoch = epoch_;
                mail.triggers = readers;
                mail.words.subject = "Poison";
                notes.emplace_back(new UnderWork::Note((*dying)->note(mail, false)));
            }
            std::raise(SIGKILL);
        }
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        auto opened = ledger::open_ledger("sqlite", folder_path.string());
        ASSERT_TRUE(opened.ok());
        ASSERT_TRUE(begin_after_deaths(folder_path, **opened, clock.wall()));
    }
    // Of the one mail that is put off.
    ledger::LogRow row() {
        for (auto &each : log_of("t1"))
            if (each.state == MessageState::quarantined || each.state == MessageState::pending) return each;
        ADD_FAILURE() << "nothing is put off";
        return {};
    }
    bool is_quarantined() {
        return eventually([&] { return ledger->put_off("t1", 10)->quarantined == 1; });
    }
    bool nothing_is_put_off() {
        return eventually([&] { return ledger->put_off("t1", 10)->count == 0; });
    }

    ledger::RowId folder_row_ = 0;
    std::int64_t epoch_ = 0;
};

TEST_F(Interrupted, A_mail_of_which_the_process_died_three_times_is_not_read_again_and_the_others_go_on) {
    given_trigger("t1");
    stop_plugin();
    folder->add("bob@example.org", "One");
    const auto poison = folder->add("bob@example.org", "Poison");
    folder->add("bob@example.org", "Three");
    for (int death = 1; death <= 3; ++death)
        die_of({poison});
    reopen();
    expect_jobs(2);
    ASSERT_TRUE(is_quarantined());
    EXPECT_EQ(folder->times_fetched(poison), 0);
    const auto found = row();
    EXPECT_EQ(found.state, MessageState::quarantined);
    EXPECT_EQ(found.subject, "Poison");
    EXPECT_EQ(found.attempts, 3);
    EXPECT_THAT(found.reason_text, HasSubstr("process ended"));
    EXPECT_THAT(host.events("TriggerEmailQuarantined"), SizeIs(1));
    look();
    clock.pass(1000h);
    look();
    EXPECT_EQ(folder->times_fetched(poison), 0) << "nobody wanted it tried again";

    ASSERT_EQ(*ledger->retry("t1", found.id), Wish::granted);
    room->expect_pending("t1");
    expect_jobs(3);
    EXPECT_TRUE(nothing_is_put_off());
    EXPECT_THAT(log_of("t1"), SizeIs(3));
    EXPECT_THAT(host.events("TriggerEmailQuarantined"), SizeIs(1));
}

TEST_F(Interrupted, A_mail_that_was_retried_and_kills_again_is_quarantined_at_once) {
    given_trigger("t1");
    stop_plugin();
    const auto poison = folder->add("bob@example.org", "Poison");
    for (int death = 1; death <= 3; ++death)
        die_of({poison});
    reopen();
    ASSERT_TRUE(is_quarantined());
    const auto found = row();
    stop_plugin();
    {
        auto opened = ledger::open_ledger("sqlite", folder_path.string());
        ASSERT_TRUE(opened.ok());
        ASSERT_EQ(*(*opened)->retry("t1", found.id), Wish::granted);
    }
    die_of({poison});
    reopen();
    ASSERT_TRUE(is_quarantined());
    EXPECT_EQ(folder->times_fetched(poison), 0);
    EXPECT_EQ(row().attempts, 4);
    EXPECT_EQ(row().id, found.id);
    EXPECT_TRUE(eventually([&] { return host.events("TriggerEmailQuarantined").size() == 2; }));
}

TEST_F(Interrupted, A_mail_that_a_kill_hit_twice_is_tried_at_once_and_starts_one_job) {
    given_trigger("t1");
    stop_plugin();
    const auto innocent = folder->add("bob@example.org", "Innocent");
    const auto other = folder->add("bob@example.org", "Other");
    die_of({innocent, other});
    die_of({innocent});
    reopen();
    expect_jobs(2);
    EXPECT_TRUE(nothing_is_put_off());
    EXPECT_THAT(log_of("t1"), SizeIs(2));
    EXPECT_EQ(folder->times_fetched(innocent), 1);
    // Marks have passed them: whatever is still said of them is of no account.
    stop_plugin();
    for (int death = 1; death <= 3; ++death)
        die_of({innocent});
    reopen();
    look();
    expect_jobs(2);
    EXPECT_TRUE(nothing_is_put_off());
    EXPECT_THAT(host.events("TriggerEmailQuarantined"), IsEmpty());
}

TEST_F(Interrupted, A_try_that_ends_without_death_makes_the_count_begin_anew) {
    given_trigger("t1");
    stop_plugin();
    const auto odd = folder->add("bob@example.org", "Odd");
    folder->withhold_body(odd);
    die_of({odd});
    die_of({odd});
    reopen();
    ASSERT_TRUE(eventually([&] { return row().attempts == 3; }));
    folder->hand_out_all();
    stop_plugin();
    die_of({odd});
    reopen();
    clock.pass(7h);
    look();
    expect_jobs(1);
    EXPECT_TRUE(nothing_is_put_off());
}

TEST_F(Interrupted, Who_does_not_want_what_kills_is_not_kept_from_deciding) {
    trigger::Parameters invoices;
    invoices.subject = {"Invoice"};
    given_trigger("t1");
    given_trigger("t2", invoices);
    stop_plugin();
    const auto poison = folder->add("bob@example.org", "Poison");
    for (int death = 1; death <= 3; ++death)
        die_of({poison}, {"t1"});
    reopen();
    ASSERT_TRUE(is_quarantined());
    ASSERT_TRUE(eventually([&] { return log_of("t2").size() == 1; }));
    EXPECT_EQ(log_of("t2").front().state, MessageState::skipped);
    expect_jobs(0);
}

TEST_F(Interrupted, A_quarantined_mail_that_is_gone_when_it_is_retried_is_settled) {
    given_trigger("t1");
    stop_plugin();
    const auto poison = folder->add("bob@example.org", "Poison");
    for (int death = 1; death <= 3; ++death)
        die_of({poison});
    reopen();
    ASSERT_TRUE(is_quarantined());
    folder->remove(poison);
    ASSERT_EQ(*ledger->retry("t1", row().id), Wish::granted);
    room->expect_pending("t1");
    EXPECT_TRUE(nothing_is_put_off());
    EXPECT_EQ(log_of("t1").front().reason_code, "gone");
}

} // namespace
} // namespace roe::watch::testing
