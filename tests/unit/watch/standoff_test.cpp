// A server that has refused a mailbox is not asked again before its time, whoever comes along.
#include <gmock/gmock.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

class StandoffTest : public MailroomTest {
  protected:
    void given_refusal(Fault fault, std::optional<std::chrono::milliseconds> hint = {}) {
        folder->fail("open", {fault, "login", "signing in", "NO", "Check the password.", hint}, 1000);
        begin_trigger("t1");
        ASSERT_TRUE(eventually([&] { return health().error.has_value(); }));
        asked_ = folder->asked;
    }
    // Enough for a worker to come by if it were to.
    void expect_left_alone(State state) {
        std::this_thread::sleep_for(100ms);
        EXPECT_EQ(folder->asked, asked_);
        EXPECT_EQ(health().state, state);
        EXPECT_TRUE(health().error);
    }
    int asked_ = 0;
};

TEST_F(StandoffTest, A_refused_login_is_not_repeated_for_another_trigger_or_another_folder) {
    given_refusal(Fault::login_refused);
    begin_trigger("t2");
    expect_left_alone(State::login_refused);
    trigger::Parameters elsewhere;
    elsewhere.folder = "Orders";
    begin_trigger("t3", elsewhere);
    expect_left_alone(State::login_refused);
    stop("t2");
    expect_left_alone(State::login_refused);
}

TEST_F(StandoffTest, A_refused_login_costs_one_however_many_folders_are_opened_together) {
    std::promise<void> answer;
    folder->lets_in = answer.get_future().share();
    folder->fail("open", {Fault::login_refused, "login", "signing in", "NO", {}, {}}, 1000);
    for (const char *name : {"INBOX", "Orders", "Bills", "Claims"}) {
        trigger::Parameters in;
        in.folder = name;
        begin_trigger(name, in);
    }
    ASSERT_TRUE(eventually([&] { return folder->asked > 0; }));
    std::this_thread::sleep_for(100ms);
    answer.set_value();
    ASSERT_TRUE(eventually([&] { return health().state == State::login_refused; }));
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(folder->asked, 1);
    EXPECT_EQ(health().state, State::login_refused);
}

TEST_F(StandoffTest, A_refused_login_is_not_repeated_when_the_only_trigger_is_started_again) {
    given_refusal(Fault::login_refused);
    stop("t1");
    EXPECT_EQ(health().state, State::idle);
    begin_trigger("t1");
    ASSERT_TRUE(eventually([&] { return health().state == State::login_refused; }));
    expect_left_alone(State::login_refused);
}

TEST_F(StandoffTest, An_edited_mailbox_is_tried_at_once) {
    given_refusal(Fault::login_refused);
    folder->faults.clear();
    room->replace(mailbox());
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
}

TEST_F(StandoffTest, A_mailbox_that_was_edited_while_nobody_watched_it_is_tried_at_once) {
    given_refusal(Fault::login_refused);
    stop("t1");
    folder->faults.clear();
    room->replace(mailbox());
    begin_trigger("t1");
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
}

TEST_F(StandoffTest, A_person_who_resumes_the_mailbox_has_it_tried_at_once) {
    given_refusal(Fault::login_refused);
    ASSERT_TRUE(room->pause("mb-1").ok());
    folder->faults.clear();
    ASSERT_TRUE(room->resume("mb-1").ok());
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
}

TEST_F(StandoffTest, The_pause_that_a_server_names_is_kept_whatever_pokes) {
    given_refusal(Fault::throttled, 10min);
    begin_trigger("t2");
    look();
    expect_left_alone(State::throttled);
}

TEST_F(StandoffTest, A_server_that_was_out_of_reach_may_be_tried_at_once) {
    folder->fail("open", {Fault::unreachable, "connect", "connecting", "refused", {}, {}}, 1);
    begin_trigger("t1");
    ASSERT_TRUE(eventually([&] { return health().error.has_value(); }));
    begin_trigger("t2");
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
}

} // namespace
} // namespace roe::watch::testing
