#include "fixture.hpp"

#include <nlohmann/json.hpp>

namespace roe::watch::testing {
namespace {

using nlohmann::json;
using trigger::Launch;
using trigger::Parameters;
using trigger::StartFrom;

Parameters filter(const std::string &from, const std::string &subject = {}) {
    Parameters parameters;
    parameters.from = from;
    parameters.subject = subject;
    return parameters;
}

Error broken() {
    return {Fault::unreachable, "fetch", "fetching", "connection reset", {}, {}};
}

TEST_F(MailroomTest, A_mail_that_arrives_starts_its_job_once_and_is_marked_then) {
    given_trigger("t1");
    const auto order = folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    EXPECT_TRUE(eventually([&] { return folder->seen() == std::vector{order}; }));
    look();
    look();
    expect_jobs(1);
}

TEST_F(MailroomTest, Mail_that_was_there_before_starts_nothing_by_default) {
    folder->add("bob@example.org", "Old");
    given_trigger("t1");
    look();
    expect_jobs(0);
    EXPECT_TRUE(folder->seen().empty());
}

TEST_F(MailroomTest, StartFrom_all_takes_what_is_there_and_unread_what_nobody_read) {
    folder->add("bob@example.org", "One");
    const auto read = folder->add("bob@example.org", "Two");
    folder->mails.at(read).seen = true;
    folder->add("bob@example.org", "Three");
    Parameters unread;
    unread.start_from = StartFrom::unread;
    given_trigger("t1", unread);
    expect_jobs(2);
    Parameters all;
    all.start_from = StartFrom::all;
    given_trigger("t2", all);
    expect_jobs(5);
}

TEST_F(MailroomTest, Mail_that_does_not_match_starts_nothing_and_is_not_touched) {
    given_trigger("t1", filter("@bank.example"));
    folder->add("bob@example.org", "Invoice");
    look();
    ASSERT_TRUE(eventually([&] { return log_of("t1").size() == 1; }));
    expect_jobs(0);
    EXPECT_TRUE(folder->seen().empty());
    EXPECT_TRUE(folder->fetched.empty()) << "only the header is needed to say no";
    EXPECT_EQ(log_of("t1").front().reason_code, "from");
}

TEST_F(MailroomTest, A_mail_that_two_triggers_match_starts_two_jobs_and_is_fetched_once) {
    given_trigger("t1", filter("bob@example.org"));
    given_trigger("t2", filter({}, "invoice"));
    const auto order = folder->add("bob@example.org", "INVOICE 7");
    look();
    expect_jobs(2);
    EXPECT_EQ(folder->fetched.at(order), 1);
    EXPECT_EQ(folder->opened, 1) << "one session for all triggers on a folder";
}

TEST_F(MailroomTest, A_window_of_one_takes_all_mails_one_after_the_other) {
    Parameters one;
    one.window_size = 1;
    given_trigger("t1", one);
    for (int i = 0; i < 20; ++i)
        folder->add("bob@example.org", "Mail " + std::to_string(i));
    look();
    expect_jobs(20);
    EXPECT_GE(folder->looks, 20);
}

TEST_F(MailroomTest, Mails_with_names_as_long_as_Exchange_has_them_have_keys_that_the_host_takes) {
    constexpr std::size_t longest_key = 200; // orch/ext/jobs.h
    folder->names = std::string(300, 'x');
    Parameters together;
    together.launch = Launch::per_pass;
    given_trigger("t1");
    given_trigger("t2", together);
    for (int i = 0; i < 3; ++i)
        folder->add("bob@example.org", "Mail " + std::to_string(i));
    look();
    expect_jobs(4);
    const auto keys = host.keys();
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 4U);
    for (const auto &key : keys)
        EXPECT_LE(key.size(), longest_key) << key;
}

TEST_F(MailroomTest, One_job_gets_all_mails_of_a_pass_where_that_is_wanted) {
    Parameters together;
    together.launch = Launch::per_pass;
    together.window_size = 3;
    given_trigger("t1", together);
    for (int i = 0; i < 5; ++i)
        folder->add("bob@example.org", "Mail " + std::to_string(i));
    look();
    expect_jobs(2);
    std::size_t mails = 0;
    for (const auto &payload : host.payloads()) {
        const auto document = json::parse(payload);
        EXPECT_EQ(document.at("trigger"), "t1");
        for (const auto &mail : document.at("mails")) {
            ++mails;
            EXPECT_TRUE(std::filesystem::exists(mail.at("raw").get<std::string>()));
        }
    }
    EXPECT_EQ(mails, 5U);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 5; }));
}

TEST_F(MailroomTest, What_the_mailbox_shows_is_told_when_it_changes_and_only_then) {
    EXPECT_TRUE(room->states().empty());
    given_trigger("t1");
    ASSERT_TRUE(eventually([&] { return health().state == State::polling; }));
    EXPECT_EQ(room->states(), (std::map<State, std::size_t>{{State::polling, 1}}));
    const auto looked = [&] {
        const int before = folder->looks;
        look();
        return eventually([&] { return folder->looks > before && health().last_look; });
    };
    ASSERT_TRUE(looked());
    std::this_thread::sleep_for(50ms);
    auto told = changes.load();
    ASSERT_TRUE(looked());
    // Starting the trigger anew says so once; the look itself has nothing to tell.
    EXPECT_TRUE(eventually([&] { return changes == told + 1; })) << changes - told;

    told = changes;
    folder->add("bob@example.org", "Invoice");
    look();
    EXPECT_TRUE(eventually([&] { return health().last_mail.has_value() && changes >= told + 2; }));

    told = changes;
    folder->fail("look", broken(), 1);
    look();
    EXPECT_TRUE(eventually([&] { return health().error && changes > told + 1; }));
    told = changes;
    stop("t1");
    EXPECT_GT(changes, told) << "nothing of it is watched any more";
    EXPECT_TRUE(room->states().empty());
}

TEST_F(MailroomTest, The_last_mail_is_known_after_a_restart) {
    given_trigger("t1");
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    ASSERT_TRUE(eventually([&] { return health().last_mail.has_value(); }));
    const auto last = health().last_mail;
    close();
    reopen();
    ASSERT_TRUE(eventually([&] { return health().last_look.has_value(); }));
    EXPECT_EQ(health().last_mail, last);
}

TEST_F(MailroomTest, Looks_decisions_and_starts_are_counted) {
    given_trigger("t1", filter("bob@example.org"));
    folder->add("bob@example.org", "Invoice");
    folder->add("eve@example.org", "Spam");
    look();
    expect_jobs(1);
    ASSERT_TRUE(eventually([&] { return figures.mails_skipped == 1 && figures.starts_accepted == 1; }));
    EXPECT_EQ(figures.mails_triggered, 1);
    EXPECT_EQ(figures.mails_duplicate, 0);
    EXPECT_EQ(figures.looks_failed, 0);
    EXPECT_TRUE(eventually([&] { return figures.looks_succeeded >= 1; })) << "counted when the look is over";
    folder->fail("look", broken(), 1);
    look();
    EXPECT_TRUE(eventually([&] { return figures.looks_failed == 1; }));
}

TEST_F(MailroomTest, A_busy_host_delays_and_loses_nothing) {
    given_trigger("t1");
    host.busy_times = 3;
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }))
        << "marked once the host has taken the job";
}

TEST_F(MailroomTest, A_mail_is_not_marked_while_the_host_has_not_taken_its_job) {
    given_trigger("t1");
    host.busy_times = 1000;
    folder->add("bob@example.org", "Invoice");
    look();
    ASSERT_TRUE(eventually([&] { return host.busy_times < 999; }));
    EXPECT_TRUE(folder->seen().empty());
    host.busy_times = 0;
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
}

TEST_F(MailroomTest, A_lost_answer_is_asked_for_again_with_the_same_key) {
    given_trigger("t1");
    host.lost_answers = 2;
    folder->add("bob@example.org", "Invoice");
    look();
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
    expect_jobs(1);
}

TEST_F(MailroomTest, A_start_that_the_host_refuses_is_parked_and_the_mail_left_alone) {
    given_trigger("t1");
    host.refuses = true;
    folder->add("bob@example.org", "Invoice");
    look();
    ASSERT_TRUE(eventually([&] {
        const auto log = log_of("t1");
        return log.size() == 1 && log.front().state == ledger::MessageState::parked;
    }));
    EXPECT_TRUE(folder->seen().empty());
}

TEST_F(MailroomTest, A_session_that_breaks_is_built_anew_and_nothing_is_repeated) {
    given_trigger("t1");
    folder->fail("fetch", broken(), 1);
    for (int i = 0; i < 10; ++i)
        folder->add("bob@example.org", "Mail " + std::to_string(i));
    look();
    expect_jobs(10);
    EXPECT_EQ(folder->opened, 2);
}

TEST_F(MailroomTest, One_poison_mail_does_not_stop_the_mailbox) {
    given_trigger("t1");
    const auto bad = folder->add("bob@example.org", "Poison");
    folder->poison(bad);
    for (int i = 0; i < 5; ++i)
        folder->add("bob@example.org", "Mail " + std::to_string(i));
    look();
    expect_jobs(5);
}

TEST_F(MailroomTest, Nor_does_one_that_the_server_dies_of_before_its_first_byte) {
    given_trigger("t1");
    for (int i = 0; i < 5; ++i) {
        const auto order = folder->add("bob@example.org", "Mail " + std::to_string(i));
        if (i == 2) folder->poison_at_once(order);
    }
    look();
    expect_jobs(4);
}

TEST_F(MailroomTest, A_mail_whose_head_the_server_dies_of_is_passed_over_and_tried_again_later) {
    given_trigger("t1");
    std::int64_t bad = 0;
    for (int i = 0; i < 4; ++i) {
        const auto order = folder->add("bob@example.org", "Mail " + std::to_string(i));
        if (i == 1) folder->poison_head(bad = order);
    }
    look();
    expect_jobs(3);
    // Its time comes, it breaks the session again, and still nothing is held up.
    clock.pass(1h);
    folder->add("bob@example.org", "Later");
    look();
    expect_jobs(4);
    {
        const std::lock_guard lock(folder->mutex);
        folder->deadly_heads.clear();
    }
    clock.pass(24h);
    look();
    expect_jobs(5);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 5; }));
}

TEST_F(MailroomTest, A_mail_whose_header_the_server_withholds_is_set_aside_and_decided_later) {
    given_trigger("t1", filter("bob@example.org"));
    const auto odd = folder->add("bob@example.org", "Odd");
    folder->withhold_header(odd);
    folder->add("bob@example.org", "Plain");
    look();
    expect_jobs(1);
    for (const auto &row : log_of("t1")) {
        const bool decided = row.state != ledger::MessageState::pending;
        EXPECT_EQ(row.subject, decided ? "Plain" : "")
            << "nothing is known of the other, so nothing is decided on it";
    }
    folder->hand_out_all();
    clock.pass(1h);
    look();
    expect_jobs(2);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 2; }));
}

TEST_F(MailroomTest, A_mail_whose_body_the_server_withholds_is_set_aside_and_starts_its_job_later) {
    Parameters together;
    together.launch = Launch::per_pass;
    given_trigger("t1");
    given_trigger("t2", together);
    given_trigger("t3", filter("nobody@example.org"));
    folder->add("bob@example.org", "First");
    const auto odd = folder->add("bob@example.org", "Odd");
    folder->withhold_body(odd);
    folder->add("bob@example.org", "Last");
    look();
    expect_jobs(3);
    EXPECT_EQ(folder->opened, 1) << "the session is well";
    EXPECT_EQ(log_of("t3").size(), 3U) << "who needs the header only is not held up";
    folder->hand_out_all();
    clock.pass(1h);
    look();
    expect_jobs(5);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 3; }));
}

TEST_F(MailroomTest, What_is_done_to_mails_is_gathered_while_more_of_them_wait) {
    Parameters two;
    two.start_from = StartFrom::all;
    two.window_size = 2;
    for (int i = 0; i < 12; ++i)
        folder->add("bob@example.org", "Invoice " + std::to_string(i));
    given_trigger("t1", two);
    expect_jobs(12);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 12; }));
    const std::lock_guard lock(folder->mutex);
    EXPECT_GE(folder->disposals.front(), 6) << "before the last window was taken";
}

TEST_F(MailroomTest, A_disposal_that_fails_repeats_no_job) {
    given_trigger("t1");
    folder->fail("dispose", broken(), 1);
    folder->add("bob@example.org", "Invoice");
    look();
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
    expect_jobs(1);
}

TEST_F(MailroomTest, A_disposal_that_the_server_refuses_is_tried_again_apart_from_the_job) {
    given_trigger("t1");
    folder->fail("dispose", Error{Fault::refused, "dispose", "marking mail as read", "no rights", {}, {}}, 1);
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    look();
    EXPECT_TRUE(folder->seen().empty()) << "before its time";
    const auto told = [&] { return room->mailbox_health("mb-1").error; };
    EXPECT_TRUE(eventually([&] { return told() && told()->step == "dispose"; }));
    EXPECT_NE(room->mailbox_health("mb-1").state, State::error);
    clock.pass(2min);
    look();
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
    EXPECT_TRUE(eventually([&] { return !told(); }));
    expect_jobs(1);
}

TEST_F(MailroomTest, A_disposal_that_was_refused_is_tried_at_once_when_the_mailbox_was_edited) {
    given_trigger("t1");
    folder->fail("dispose", Error{Fault::refused, "dispose", "marking mail as read", "no rights", {}, {}}, 2);
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    ASSERT_TRUE(eventually([&] { return folder->failures_left("dispose") == 1; }));
    clock.pass(10ms);
    room->replace(mailbox());
    ASSERT_TRUE(eventually([&] { return folder->failures_left("dispose") == 0; }));
    look();
    EXPECT_TRUE(folder->seen().empty()) << "before its time";
    clock.pass(10ms);
    room->replace(mailbox());
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
    expect_jobs(1);
}

TEST_F(MailroomTest, Received_mail_is_deleted_where_that_is_wanted) {
    remove_received = true;
    given_trigger("t1", filter({}, "invoice"));
    folder->add("bob@example.org", "Invoice");
    const auto other = folder->add("bob@example.org", "Lunch");
    look();
    expect_jobs(1);
    EXPECT_TRUE(eventually([&] { return folder->present() == std::vector{other}; }));
}

TEST_F(MailroomTest, Mail_that_comes_while_the_plugin_is_stopped_starts_its_job_afterwards) {
    given_trigger("t1");
    close();
    folder->add("bob@example.org", "Invoice");
    reopen();
    expect_jobs(1);
}

TEST_F(MailroomTest, Mail_is_not_deleted_before_every_trigger_that_the_host_has_started_was_there) {
    remove_received = true;
    given_trigger("t1", filter({}, "even"));
    given_trigger("t2");
    close();
    for (int i = 0; i < 10; ++i)
        folder->add("bob@example.org", i % 2 == 0 ? "even" : "odd");
    // The host starts them one after the other, with time between.
    const auto last = triggers.back();
    triggers.pop_back();
    reopen();
    expect_jobs(5);
    EXPECT_EQ(folder->present().size(), 10U);
    triggers.push_back(last);
    look();
    expect_jobs(15);
    EXPECT_TRUE(eventually([&] { return folder->present().empty(); }));
}

TEST_F(MailroomTest, Stop_and_start_of_a_trigger_keep_its_baseline) {
    given_trigger("t1");
    stop("t1");
    folder->add("bob@example.org", "Invoice");
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(host.count(), 0U);
    look();
    expect_jobs(1);
}

TEST_F(MailroomTest, A_stopped_trigger_asks_for_nothing_and_its_start_waits) {
    given_trigger("t1");
    host.busy_times = 1000;
    folder->add("bob@example.org", "Invoice");
    look();
    ASSERT_TRUE(eventually([&] { return host.busy_times < 1000; }));
    stop("t1");
    host.busy_times = 0;
    std::this_thread::sleep_for(400ms);
    EXPECT_EQ(host.count(), 0U);
    look();
    expect_jobs(1);
}

TEST_F(MailroomTest, A_renumbered_folder_starts_no_job_again_and_none_for_old_mail) {
    folder->add("old@example.org", "There before");
    given_trigger("t1");
    folder->add("bob@example.org", "Invoice");
    look();
    expect_jobs(1);
    folder->renumber(500);
    folder->fail("look", broken(), 1); // the session ends, the next one finds another UIDVALIDITY
    look();
    ASSERT_TRUE(eventually([&] { return folder->opened == 2; }));
    folder->add("bob@example.org", "New one");
    ASSERT_TRUE(eventually([&] {
        look();
        return host.count() >= 2;
    }));
    expect_jobs(2);
    const auto log = log_of("t1");
    EXPECT_EQ(std::count_if(log.begin(), log.end(), [](const auto &row) { return row.duplicate; }), 1);
}

TEST_F(MailroomTest, A_renumbered_folder_starts_no_job_for_mail_that_was_read_when_the_trigger_began) {
    const auto read = folder->add("bob@example.org", "Read long ago");
    folder->mails.at(read).seen = true;
    folder->add("bob@example.org", "Unread");
    Parameters unread;
    unread.start_from = StartFrom::unread;
    given_trigger("t1", unread);
    expect_jobs(1);
    folder->renumber(500);
    folder->fail("look", broken(), 1);
    look();
    ASSERT_TRUE(eventually([&] { return folder->opened == 2; }));
    folder->add("bob@example.org", "New one");
    ASSERT_TRUE(eventually([&] {
        look();
        return host.count() >= 2;
    }));
    expect_jobs(2);
}

TEST_F(MailroomTest, A_server_that_refuses_to_push_is_polled_at_the_triggers_interval) {
    folder->can_push = true;
    folder->park_answer = Parking::deaf;
    Parameters quick;
    quick.interval_seconds = 1;
    given_trigger("t1", quick);
    ASSERT_TRUE(eventually([&] { return room->mailbox_health("mb-1").state == State::polling; }));
    EXPECT_EQ(room->mailbox_health("mb-1").mode, "polling");
    folder->add("bob@example.org", "Invoice");
    expect_jobs(1);
}

TEST_F(MailroomTest, A_changed_filter_counts_for_mail_that_is_not_decided_yet) {
    given_trigger("t1", filter("nobody@example.org"));
    folder->add("bob@example.org", "Before the edit");
    look();
    ASSERT_TRUE(eventually([&] { return log_of("t1").size() == 1; }));
    given_trigger("t1", filter("bob@example.org"));
    look();
    expect_jobs(0);
    folder->add("bob@example.org", "After the edit");
    look();
    expect_jobs(1);
}

TEST_F(MailroomTest, A_mail_deleted_before_it_is_fetched_is_logged_as_gone) {
    Parameters unread;
    unread.start_from = StartFrom::unread;
    const auto order = folder->add("bob@example.org", "Short-lived");
    folder->poison(order);
    given_trigger("t1", unread);
    // Gone between the session that broke and the next.
    ASSERT_TRUE(eventually([&] { return folder->times_fetched(order) == 1; }));
    folder->remove(order);
    ASSERT_TRUE(eventually([&] {
        const auto log = log_of("t1");
        return log.size() == 1 && log.front().reason_code == "gone";
    }));
    expect_jobs(0);
}

TEST_F(MailroomTest, The_health_says_what_failed_and_recovers) {
    given_trigger("t1");
    folder->fail("open",
                 {Fault::login_refused, "login", "signing in", "NO wrong password", "Check the password.", {}},
                 1);
    folder->fail("look", broken(), 1);
    look();
    ASSERT_TRUE(eventually([&] { return room->mailbox_health("mb-1").state == State::login_refused; }));
    const auto health = room->mailbox_health("mb-1");
    ASSERT_TRUE(health.error && health.until);
    EXPECT_EQ(health.error->server_text, "NO wrong password");
    EXPECT_GT(*health.until - clock.wall(), 59min) << "a refused login is not repeated by itself";
    room->replace(mailbox());
    EXPECT_TRUE(eventually([&] { return room->mailbox_health("mb-1").state == State::polling; }));
    EXPECT_FALSE(room->mailbox_health("mb-1").error);
}

TEST_F(MailroomTest, A_mailbox_that_nobody_watches_is_idle) {
    EXPECT_EQ(room->mailbox_health("mb-1").state, State::idle);
    given_trigger("t1");
    stop("t1");
    EXPECT_EQ(room->mailbox_health("mb-1").state, State::idle);
    EXPECT_FALSE(room->trigger_health("t1"));
}

TEST_F(MailroomTest, A_paused_mailbox_is_left_alone_and_makes_up_for_it_when_it_is_resumed) {
    given_trigger("t1");
    ASSERT_TRUE(room->pause("mb-1").ok());
    EXPECT_EQ(health().state, State::paused);
    EXPECT_FALSE(health().error);
    EXPECT_TRUE(health().last_look) << "what is known of it stays known";
    const int opened = folder->opened;
    folder->add("bob@example.org", "While it was paused");
    look();
    expect_jobs(0);
    EXPECT_EQ(folder->opened, opened);
    ASSERT_TRUE(room->resume("mb-1").ok());
    expect_jobs(1);
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
}

TEST_F(MailroomTest, A_pause_outlives_the_process_and_what_happens_to_triggers_and_settings) {
    given_trigger("t1");
    ASSERT_TRUE(room->pause("mb-1").ok());
    const auto since = health().since;
    close();
    folder->add("bob@example.org", "While everything was down");
    reopen();
    room->replace(mailbox());
    EXPECT_EQ(health().state, State::paused);
    EXPECT_EQ(health().since, since);
    const auto trigger = room->trigger_health("t1");
    ASSERT_TRUE(trigger);
    EXPECT_TRUE(trigger->ready) << "its baseline is as durable as the pause";
    EXPECT_EQ(trigger->folder.state, State::paused);
    expect_jobs(0);
    ASSERT_TRUE(room->resume("mb-1").ok());
    expect_jobs(1);
}

TEST_F(MailroomTest, A_paused_mailbox_can_lose_its_last_trigger) {
    given_trigger("t1");
    given_trigger("t2");
    ASSERT_TRUE(room->pause("mb-1").ok());
    stop("t1");
    stop("t2");
    EXPECT_EQ(health().state, State::paused);
    ASSERT_TRUE(room->resume("mb-1").ok());
    EXPECT_EQ(health().state, State::idle);
}

TEST_F(MailroomTest, A_mailbox_that_nobody_looked_into_for_too_long_is_in_error_whatever_it_seems) {
    given_trigger("t1");
    ASSERT_TRUE(eventually([&] { return health().state == State::polling; }));
    clock.age(freshness_bound(60s) - 5s);
    EXPECT_EQ(health().state, State::polling);
    clock.age(15s);
    const auto broken = health();
    EXPECT_EQ(broken.state, State::error);
    ASSERT_TRUE(broken.error);
    EXPECT_EQ(broken.error->step, "look");
    EXPECT_NEAR(static_cast<double>((clock.wall() - broken.since).count()), 10'000, 5'000)
        << "since it was due, not since somebody asked";
    look();
    EXPECT_TRUE(eventually([&] { return health().state == State::polling; }));
    EXPECT_FALSE(health().error);
}

TEST_F(MailroomTest, The_oldest_look_is_that_of_the_folder_which_waits_longest) {
    EXPECT_FALSE(room->oldest_look());
    given_trigger("t1");
    ASSERT_TRUE(eventually([&] { return health().last_look.has_value(); }));
    EXPECT_EQ(room->oldest_look(), health().last_look);
    folder->fail("open", {Fault::login_refused, "login", "signing in", "NO", {}, {}}, 1000);
    clock.pass(1h);
    trigger::Parameters elsewhere;
    elsewhere.folder = "Orders";
    begin_trigger("t2", elsewhere);
    const auto began = clock.wall();
    clock.pass(1h);
    look();
    ASSERT_TRUE(eventually([&] { return *room->trigger_health("t1")->folder.last_look > began + 59min; }));
    EXPECT_LT(*room->oldest_look(), began + 1min) << "Orders was never seen";
    stop("t1");
    stop("t2");
    EXPECT_FALSE(room->oldest_look());
}

} // namespace
} // namespace roe::watch::testing
