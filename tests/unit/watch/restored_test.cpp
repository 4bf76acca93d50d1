// The ledger is an old backup's, and so is what the host knows: mails that came since have started their jobs.
#include "fixture.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace roe::watch::testing {
namespace {

using ::testing::Contains;
using ::testing::SizeIs;
using trigger::Parameters;
using trigger::StartFrom;

Parameters from(StartFrom start_from) {
    Parameters parameters;
    parameters.start_from = start_from;
    return parameters;
}

class ARestoredMailroom : public MailroomTest {
  protected:
    void note_restored(const std::string &id) {
        ASSERT_TRUE(ledger->note_restored(id, backed_up_, clock.wall()).ok());
    }

    // Three mails after the backup start their jobs for every trigger, then the backup is restored.
    void given_lost_jobs(std::size_t jobs_of_each) {
        backed_up_ = clock.wall();
        back_up();
        const auto before = host.count();
        for (int i = 0; i < 3; ++i)
            folder->add("bob@example.org", "Since " + std::to_string(i));
        look();
        expect_jobs(before + jobs_of_each * 3);
        restore();
    }

    WallTime backed_up_{};
};

TEST_F(ARestoredMailroom, Starts_nothing_again_wherever_its_triggers_began) {
    folder->add("bob@example.org", "Before");
    given_trigger("new", from(StartFrom::new_mail));
    given_trigger("all", from(StartFrom::all));
    given_trigger("unread", from(StartFrom::unread));
    expect_jobs(2);
    given_lost_jobs(3);
    for (const char *id : {"new", "all", "unread"})
        note_restored(id);
    given_trigger("new", from(StartFrom::new_mail));
    given_trigger("all", from(StartFrom::all));
    given_trigger("unread", from(StartFrom::unread));
    look();
    expect_jobs(0);
    folder->add("bob@example.org", "After");
    look();
    expect_jobs(3);
    look();
    expect_jobs(3);
}

TEST_F(ARestoredMailroom, Tells_how_many_mails_it_passed_over_and_from_when_until_when) {
    given_trigger("t1");
    given_lost_jobs(1);
    note_restored("t1");
    given_trigger("t1");
    ASSERT_TRUE(eventually([&] { return !host.events("TriggerEmailPassedOver").empty(); }));
    const auto told = host.events("TriggerEmailPassedOver");
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(told[0].subject.id, "t1");
    EXPECT_EQ(told[0].details.at("mails"), 3);
    EXPECT_EQ(told[0].details.at("mailbox"), "ann@example.com");
    EXPECT_LT(told[0].details.at("from"), told[0].details.at("until"));
    const auto restored = ledger->restored("t1");
    ASSERT_TRUE(restored.ok() && *restored && (*restored)->baseline);
    EXPECT_EQ((*restored)->baseline->passed_over, 3);
    close();
    triggers.clear();
    reopen();
    given_trigger("t1");
    look();
    EXPECT_THAT(host.events("TriggerEmailPassedOver"), SizeIs(1)) << "once for each restore";
}

TEST_F(ARestoredMailroom, That_is_renumbered_afterwards_starts_nothing_again_and_what_came_since_once) {
    given_trigger("all", from(StartFrom::all));
    given_lost_jobs(1);
    note_restored("all");
    given_trigger("all", from(StartFrom::all));
    expect_jobs(0);
    std::this_thread::sleep_for(5ms);
    folder->add("bob@example.org", "After");
    look();
    expect_jobs(1);
    close();
    folder->renumber(100);
    reopen();
    folder->add("bob@example.org", "Later");
    look();
    expect_jobs(2);
    const auto log = log_of("all");
    EXPECT_EQ(std::count_if(log.begin(), log.end(),
                            [](const auto &row) {
                                return row.subject.starts_with("Since") && row.reason_code == "before-start";
                            }),
              3);
}

TEST_F(ARestoredMailroom, That_was_renumbered_since_the_backup_starts_nothing_again) {
    given_trigger("all", from(StartFrom::all));
    given_lost_jobs(1);
    folder->renumber(100);
    note_restored("all");
    given_trigger("all", from(StartFrom::all));
    look();
    expect_jobs(0);
    EXPECT_EQ(host.events("TriggerEmailPassedOver").at(0).details.at("mails"), 3);
}

TEST_F(ARestoredMailroom, Goes_on_when_the_plugin_dies_before_the_first_look) {
    given_trigger("all", from(StartFrom::all));
    given_lost_jobs(1);
    note_restored("all");
    close();
    reopen();
    given_trigger("all", from(StartFrom::all));
    look();
    expect_jobs(0);
}

TEST_F(ARestoredMailroom, Does_not_take_the_same_restore_twice) {
    given_trigger("all", from(StartFrom::all));
    given_lost_jobs(1);
    const auto until = clock.wall();
    ASSERT_TRUE(ledger->note_restored("all", backed_up_, until).ok());
    given_trigger("all", from(StartFrom::all));
    close();
    triggers.clear();
    folder->add("bob@example.org", "While the plugin was stopped");
    reopen();
    // The host had not heard that the restore was noted.
    ASSERT_TRUE(ledger->note_restored("all", backed_up_, until).ok());
    given_trigger("all", from(StartFrom::all));
    look();
    expect_jobs(1);
}

TEST_F(ARestoredMailroom, Looks_anew_for_a_trigger_that_joins_a_session_which_knew_its_old_mark) {
    given_trigger("t1");
    given_trigger("all", from(StartFrom::all));
    given_lost_jobs(2);
    note_restored("t1");
    given_trigger("t1");
    note_restored("all");
    given_trigger("all", from(StartFrom::all));
    look();
    expect_jobs(0);
    EXPECT_EQ(folder->opened, 3) << "one session after each start of the plugin";
}

TEST_F(ARestoredMailroom, Leaves_mail_where_it_is_that_a_trigger_had_not_decided_on) {
    remove_received = true;
    given_trigger("t1");
    given_lost_jobs(1);
    const auto left = folder->add("bob@example.org", "In the gap");
    note_restored("t1");
    given_trigger("t1");
    look();
    expect_jobs(0);
    EXPECT_THAT(folder->present(), Contains(left));
}

} // namespace
} // namespace roe::watch::testing
