// Folders whose sessions show what was there when they began (POP3).
#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

class SnapshotTest : public MailroomTest {
  protected:
    void SetUp() override {
        MailroomTest::SetUp();
        folder->snapshot = true;
    }

    [[nodiscard]] int opened() const {
        const std::lock_guard lock(folder->mutex);
        return folder->opened;
    }
};

TEST_F(SnapshotTest, Each_look_has_a_session_of_its_own_and_the_mailbox_goes_on_polling) {
    given_trigger("t1");
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
    const auto since = health().since;
    for (int round = 2; round < 5; ++round) {
        folder->add("bob@example.org", "Invoice");
        look();
        EXPECT_TRUE(eventually([&] { return opened() == round; }));
        expect_jobs(static_cast<std::size_t>(round) - 1);
    }
    EXPECT_EQ(health().state, State::polling);
    EXPECT_EQ(health().since, since);
}

TEST_F(SnapshotTest, A_backlog_is_worked_off_in_one_session_and_deleted_at_its_end) {
    remove_received = true;
    for (int number = 0; number < 20; ++number)
        folder->add("bob@example.org", "Invoice");
    trigger::Parameters parameters;
    parameters.start_from = trigger::StartFrom::all;
    parameters.window_size = 1;
    given_trigger("t1", parameters);
    expect_jobs(20);
    EXPECT_TRUE(eventually([&] { return folder->present().empty(); }));
    EXPECT_EQ(opened(), 1);
}

TEST_F(SnapshotTest, A_disposal_that_was_refused_does_not_come_back_with_each_session) {
    given_trigger("t1");
    folder->fail("dispose", Error{Fault::refused, "dispose", "deleting mail", "no rights", {}, {}}, 9);
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    ASSERT_TRUE(eventually([&] { return folder->failures_left("dispose") == 8; }));
    for (int round = 0; round < 3; ++round) {
        clock.pass(10ms);
        const int before = opened();
        look();
        ASSERT_TRUE(eventually([&] { return opened() > before; }));
    }
    EXPECT_EQ(folder->failures_left("dispose"), 8) << "before its time";
}

TEST_F(SnapshotTest, The_pause_that_the_server_wants_is_kept_whatever_pokes) {
    folder->least_pause = std::chrono::seconds(3600);
    given_trigger("t1");
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
    folder->add("bob@example.org", "Invoice");
    look();
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(opened(), 1);
    expect_jobs(0);
}

} // namespace
} // namespace roe::watch::testing
