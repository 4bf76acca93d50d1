#include <atomic>
#include <chrono>
#include <thread>

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.hpp"
#include "store/jobs.hpp"
#include "store/journal.hpp"
#include "store/tasks.hpp"
#include "support/scratch.hpp"

namespace {

using namespace host;
using namespace Poco::Data::Keywords;
using host::testing::Scratch;

TaskRow task_row(const std::string &id, const std::string &tenant = "") {
    TaskRow task;
    task.id = id;
    task.tenant = tenant;
    task.name = "name of " + id;
    task.project = "true";
    task.triggers = {{id + "-1", id, "probe", "probe", R"({"Text": "a"})"},
                     {id + "-2", id, "probe", "probe", R"({"Text": "b"})"}};
    return task;
}

JobRow job_row(const std::string &id, const std::string &spool = "") {
    JobRow job;
    job.id = id;
    job.plugin = "probe";
    job.idempotency_key = "key of " + id;
    job.payload = "{}";
    job.mails = 1;
    job.subject = "Invoice";
    job.spool = spool;
    job.bytes = 10;
    return job;
}

class Store : public ::testing::Test {
  protected:
    Scratch scratch_;
    Database database_{scratch_ / "host.sqlite"};

    std::vector<JobRow> jobs_in(const std::string &state) {
        return database_.read([&](Session &session) {
            return jobs::list(session, {"", std::nullopt, std::nullopt, state}, {});
        });
    }
};

TEST_F(Store, A_work_that_fails_takes_no_other_of_its_group_with_it) {
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int number = 0; number < 40; ++number) {
        threads.emplace_back([&, number] {
            try {
                database_.write([&](Session &session) {
                    jobs::insert(session, job_row(std::to_string(number)));
                    if (number % 4 == 0) throw std::runtime_error("told to");
                });
            } catch (const std::runtime_error &) {
                ++failures;
            }
        });
    }
    for (auto &thread : threads)
        thread.join();
    EXPECT_EQ(failures, 10);
    EXPECT_EQ(jobs_in("queued").size(), 30U);
}

TEST_F(Store, What_was_written_is_there_for_the_next_host) {
    const Scratch scratch;
    {
        Database first(scratch / "host.sqlite");
        first.write_soon([](Session &session) { jobs::insert(session, job_row("a")); },
                         Database::Durability::lazy);
        first.write([](Session &session) { jobs::insert(session, job_row("b")); });
    }
    Database second(scratch / "host.sqlite");
    EXPECT_EQ(second.read([](Session &session) { return jobs::unfinished(session); }).size(), 2U);
}

TEST_F(Store, Commits_are_heard_of_in_the_order_of_the_works) {
    std::vector<int> heard;
    std::vector<std::thread> threads;
    std::vector<int> done;
    for (int number = 0; number < 50; ++number) {
        threads.emplace_back([&, number] {
            database_.write([&, number](Session &) { done.push_back(number); },
                            [&, number] { heard.push_back(number); });
        });
    }
    for (auto &thread : threads)
        thread.join();
    EXPECT_EQ(heard, done) << "both run on the writer's thread only";
    EXPECT_EQ(heard.size(), 50U);
}

TEST_F(Store, What_nobody_waits_for_is_written_without_anybody_else_coming) {
    database_.write_soon([](Session &session) { jobs::insert(session, job_row("a")); },
                         Database::Durability::lazy);

    for (int patience = 0; jobs_in("queued").empty() && patience < 1000; ++patience)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_EQ(jobs_in("queued").size(), 1U);
}

TEST_F(Store, What_somebody_waits_for_takes_along_what_was_given_before) {
    database_.write_soon([](Session &session) { jobs::insert(session, job_row("a")); },
                         Database::Durability::lazy);
    database_.write([](Session &session) { jobs::insert(session, job_row("b")); });

    EXPECT_EQ(jobs_in("queued").size(), 2U);
}

TEST_F(Store, A_database_of_a_newer_host_is_refused) {
    const Scratch scratch;
    { const Database made(scratch / "host.sqlite"); }
    {
        Session session("SQLite", (scratch / "host.sqlite").string());
        session << "PRAGMA user_version = 99", now;
    }
    EXPECT_THROW(Database(scratch / "host.sqlite"), std::runtime_error);
}

TEST_F(Store, A_task_comes_back_as_it_was_given_and_to_its_tenant_only) {
    const auto task = task_row("t", "acme");
    database_.write([&](Session &session) { tasks::insert(session, task); });
    const auto found = database_.read([](Session &session) { return tasks::find(session, "acme", "t"); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "name of t");
    ASSERT_EQ(found->triggers.size(), 2U);
    EXPECT_EQ(found->triggers[1].id, "t-2");
    EXPECT_EQ(found->triggers[1].parameters, R"({"Text": "b"})");
    EXPECT_FALSE(database_.read([](Session &session) { return tasks::find(session, "", "t"); }));
}

TEST_F(Store, Triggers_that_a_change_leaves_out_are_noted_until_their_plugin_has_heard) {
    auto task = task_row("t");
    database_.write([&](Session &session) { tasks::insert(session, task); });
    task.triggers.erase(task.triggers.begin());
    database_.write([&](Session &session) { tasks::replace(session, task); });
    auto gone = database_.read([](Session &session) { return tasks::forgotten(session); });
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].id, "t-1");
    database_.write([&](Session &session) { tasks::remove(session, "t"); });
    EXPECT_EQ(database_.read([](Session &session) { return tasks::forgotten(session); }).size(), 2U);
    database_.write([&](Session &session) { tasks::finish_forgotten(session, "t-1"); });
    gone = database_.read([](Session &session) { return tasks::forgotten(session); });
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].id, "t-2");
}

TEST_F(Store, Lists_are_cut_into_pieces_that_miss_nothing) {
    database_.write([](Session &session) {
        for (int number = 0; number < 25; ++number)
            jobs::insert(session, job_row(std::to_string(number)));
    });
    for (const bool oldest_first : {false, true}) {
        std::vector<std::string> seen;
        PageOf page{std::nullopt, 10, oldest_first};
        while (true) {
            const auto rows = database_.read([&](Session &session) { return jobs::list(session, {}, page); });
            for (const auto &row : rows)
                seen.push_back(row.id);
            if (rows.size() < 10) break;
            page.before = rows.back().seq;
        }
        ASSERT_EQ(seen.size(), 25U);
        EXPECT_EQ(seen.front(), oldest_first ? "0" : "24");
        EXPECT_EQ(seen.back(), oldest_first ? "24" : "0");
    }
}

TEST_F(Store, An_ended_job_does_not_end_twice_and_its_first_start_counts) {
    database_.write([](Session &session) {
        jobs::insert(session, job_row("a"));
        jobs::mark_running(session, "a", 100);
        jobs::mark_running(session, "a", 200);
        jobs::mark_ended(session, "a", {job_state::succeeded, 300, 0, "out", std::nullopt});
        jobs::mark_ended(session, "a", {job_state::failed, 400, 1, "", "late"});
        jobs::mark_running(session, "a", 500);
    });
    const auto job = database_.read([](Session &session) { return jobs::find(session, "a"); });
    EXPECT_EQ(job->state, "succeeded");
    EXPECT_EQ(job->started_at, 100);
    EXPECT_EQ(job->ended_at, 300);
    EXPECT_EQ(job->output, "out");
    EXPECT_FALSE(job->error);
}

TEST_F(Store, A_spool_expires_with_the_last_job_that_reads_it) {
    database_.write([](Session &session) {
        for (const char *id : {"first", "retry"}) {
            jobs::insert(session, job_row(id, "shared"));
        }
        jobs::mark_ended(session, "first", {job_state::failed, 100});
    });
    auto expired = database_.read([](Session &session) { return jobs::expired(session, 200, 10); });
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0].spool, "") << "the retry is not ended";
    database_.write([](Session &session) {
        jobs::drop_payload(session, "first");
        jobs::mark_ended(session, "retry", {job_state::succeeded, 150});
    });
    expired = database_.read([](Session &session) { return jobs::expired(session, 200, 10); });
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired[0].id, "retry");
    EXPECT_EQ(expired[0].spool, "shared");
    EXPECT_EQ(database_.read([](Session &session) { return jobs::bytes_kept(session); }), 10);
    const auto dropped = database_.read([](Session &session) { return jobs::find(session, "first"); });
    EXPECT_FALSE(dropped->mails || dropped->subject) << "no word of a mail outlives it";
    EXPECT_EQ(database_.read([](Session &session) { return jobs::find(session, "retry"); })->subject,
              "Invoice");
}

TEST_F(Store, The_journal_keeps_who_and_that_nobody_did_it) {
    database_.write([](Session &session) {
        journal::insert(session, {0, 1, "p", 70001, "Created", "", "ann", "{}", "{}"});
        journal::insert(session, {0, 2, "p", 60002, "Fired", "", std::nullopt, "{}", "{}"});
        journal::insert(session, {0, 3, "p", 60002, "Fired", "acme", std::nullopt, "{}", "{}"});
    });
    const auto all =
        database_.read([](Session &session) { return journal::list(session, "", std::nullopt, {}); });
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "Fired");
    EXPECT_FALSE(all[0].user);
    EXPECT_EQ(all[1].user, "ann");
    const auto one = database_.read([](Session &session) { return journal::list(session, "", 70001, {}); });
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].code, 70001);
}

} // namespace
