// When a folder is looked at and its session renewed, by the one clock that the test moves on.
#include "fixture.hpp"
#include "watch/folder_watch.hpp"

namespace roe::watch::testing {
namespace {

constexpr auto second = std::chrono::seconds(1);

class FolderWatchTest : public MailroomTest {
  protected:
    // A watch without scheduler: the test is its worker.
    std::unique_ptr<FolderWatch> given_watch(Triggers of) {
        const auto given = mailbox();
        Watched watched;
        watched.mailbox = "mb-2";
        watched.address = given.address;
        watched.protocol = given.protocol;
        watched.folder = given.folder;
        watched.server = given.server;
        watched.node = "node";
        watched.disposal = given.disposal;
        watched.standoff = standoff;
        watched.started_triggers = [] { return std::vector<std::string>(); };
        watched.make_source = [this] {
            return Result<std::unique_ptr<MailSource>>(testing::make_source(folder));
        };
        auto watch =
            std::make_unique<FolderWatch>(Tools{*ledger, *delivery, *spool, host, clock, figures, *under_work},
                                          std::move(watched), [](const std::string &) {});
        watch->set_triggers(std::move(of));
        return watch;
    }

    static std::shared_ptr<const trigger::ActiveTrigger> with(const std::string &id, int interval, int window) {
        auto trigger = std::make_shared<trigger::ActiveTrigger>();
        trigger->id = id;
        trigger->parameters.email = "ann@example.com";
        trigger->parameters.interval_seconds = interval;
        trigger->parameters.window_size = window;
        trigger->filter = trigger::parse_filter({}, {}, {});
        return trigger;
    }

    // From now on.
    [[nodiscard]] SteadyTime::duration wait_of(const Next &next) const { return next.when - clock.steady(); }

    void given_push() const {
        folder->can_push = true;
        folder->quiet = true;
        folder->park_answer = Parking::parked;
    }

    std::shared_ptr<Standoff> standoff = std::make_shared<Standoff>(); // of the watch's mailbox
};

TEST_F(FolderWatchTest, Among_the_triggers_of_a_folder_the_smallest_interval_and_window_count) {
    const auto slow = with("slow", 600, 7);
    const auto quick = with("quick", 20, 100);
    for (const auto &both : {Triggers{slow, quick}, Triggers{quick, slow}}) {
        folder->windows.clear();
        const auto watch = given_watch(both);
        const auto next = watch->run(Wake::due);
        EXPECT_LE(wait_of(next), 20 * second);
        EXPECT_GT(wait_of(next), 10 * second);
        EXPECT_EQ(folder->windows, std::vector<std::size_t>{7});
    }
}

TEST_F(FolderWatchTest, A_parked_session_is_renewed_by_its_time_though_no_byte_came) {
    given_push();
    folder->park_limit = 100 * second;
    const auto watch = given_watch({with("t1", 600, 100)});
    const auto expect_parked = [&](const Next &next, SteadyTime::duration at_most, int renewed) {
        EXPECT_LE(wait_of(next), at_most);
        EXPECT_GT(wait_of(next), at_most - 10 * second);
        EXPECT_EQ(folder->renewed, renewed);
        EXPECT_EQ(folder->looks, 1) << "the interval is longer";
    };
    expect_parked(watch->run(Wake::due), 100 * second, 0);
    clock.age(100 * second);
    expect_parked(watch->run(Wake::due), 100 * second, 1);
    clock.age(40 * second);
    // What wakes it in between and is nothing does not put the renewal off.
    expect_parked(watch->run(Wake::readable), 60 * second, 1);
    clock.age(60 * second);
    expect_parked(watch->run(Wake::due), 100 * second, 2);
    EXPECT_EQ(folder->opened, 1) << "all in one session";
}

TEST_F(FolderWatchTest, A_server_that_did_not_push_is_asked_again_after_an_hour) {
    given_push();
    folder->park_answer = Parking::deaf;
    const auto watch = given_watch({with("t1", 20, 100)});
    watch->run(Wake::due);
    EXPECT_EQ(watch->health().state, State::polling);
    folder->park_answer = Parking::parked;
    clock.age(59 * 60 * second);
    watch->run(Wake::due);
    EXPECT_EQ(watch->health().state, State::polling);
    EXPECT_EQ(folder->opened, 1);
    clock.age(16 * 60 * second);
    watch->run(Wake::due);
    EXPECT_EQ(watch->health().state, State::watching);
    EXPECT_EQ(folder->opened, 2);
    clock.age(120 * 60 * second);
    watch->run(Wake::due);
    EXPECT_EQ(folder->opened, 2) << "a session that is told of mail is kept";
}

TEST_F(FolderWatchTest, A_server_that_goes_on_not_to_push_is_asked_ever_less_often) {
    given_push();
    folder->park_answer = Parking::deaf;
    const auto watch = given_watch({with("t1", 600, 100)});
    for (int minutes = 0; minutes < 48 * 60; minutes += 10) {
        watch->run(Wake::due);
        clock.age(600 * second);
    }
    EXPECT_GE(folder->opened, 5);
    EXPECT_LE(folder->opened, 7) << "to ask may take a worker half a minute";
}

TEST_F(FolderWatchTest, A_server_that_has_refused_the_mailbox_is_not_asked_again_whether_it_pushes) {
    given_push();
    folder->park_answer = Parking::deaf;
    const auto watch = given_watch({with("t1", 20, 100)});
    watch->run(Wake::due);
    clock.age(75 * 60 * second);
    standoff->begin({Fault::login_refused, "login", "signing in", "NO", {}, {}},
                    clock.steady() + 3600 * second);
    watch->run(Wake::due);
    EXPECT_EQ(folder->asked, 1) << "another folder of the mailbox was refused its login";
    EXPECT_EQ(folder->looks, 2) << "this one has its session yet";
    clock.age(60 * 60 * second);
    watch->run(Wake::due);
    EXPECT_EQ(folder->asked, 2);
}

TEST_F(FolderWatchTest, A_server_that_breaks_whenever_it_is_to_push_is_polled) {
    given_push();
    folder->fail("park", {Fault::unreachable, "look", "waiting for new mail", "try later", {}, {}}, 1000);
    const auto watch = given_watch({with("t1", 20, 100)});
    for (int run = 0; run < 100; ++run) {
        const auto next = watch->run(Wake::due);
        clock.age(std::max(std::chrono::ceil<std::chrono::milliseconds>(wait_of(next)), 0ms));
    }
    EXPECT_EQ(watch->health().state, State::polling);
    EXPECT_LE(folder->asked, 5) << "for each look a session of its own";
    folder->faults.clear();
    clock.age(75 * 60 * second);
    watch->run(Wake::due);
    EXPECT_EQ(watch->health().state, State::watching);
}

TEST_F(FolderWatchTest, The_scheduler_wakes_a_parked_session_in_time_again_and_again) {
    given_push();
    folder->park_limit = 5ms;
    trigger::Parameters seldom;
    seldom.interval_seconds = 600;
    given_trigger("t1", seldom);
    ASSERT_TRUE(eventually([&] { return folder->renewed >= 1; }));
    const int looks = folder->looks;
    EXPECT_TRUE(eventually([&] { return folder->renewed >= 6; }));
    EXPECT_EQ(folder->looks, looks) << "to renew is not to look";
    EXPECT_EQ(folder->opened, 1);
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
}

} // namespace
} // namespace roe::watch::testing
