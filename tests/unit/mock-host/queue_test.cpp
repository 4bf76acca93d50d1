#include "jobs/queue.hpp"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/workshop.hpp"

namespace {

using namespace host;
using host::testing::Scratch;
using host::testing::Workshop;
using orch::sdk::JobOutcome;
using orch::sdk::JobReply;
using orch::sdk::JobRequest;

// The runner is never started here: jobs stay queued.
class Queue : public ::testing::Test {
  protected:
    Scratch scratch_;

    static JobReply ask(Workshop &workshop, JobRequest request) {
        return workshop.queue.start("probe", std::span(&request, 1))[0];
    }
    void end(Workshop &workshop, const std::string &job, Micros at) {
        workshop.database.write([&](Session &session) {
            jobs::mark_ended(session, job, {job_state::failed, at});
        });
    }
};

TEST_F(Queue, A_key_that_comes_again_gets_the_first_job) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "true");
    const auto first = ask(workshop, {"key", "t", "{}"});
    EXPECT_EQ(first.outcome, JobOutcome::accepted);
    const auto again = ask(workshop, {"key", "t", R"({"other": 1})"});
    EXPECT_EQ(again.outcome, JobOutcome::duplicate);
    EXPECT_EQ(again.job, first.job);
}

TEST_F(Queue, A_key_is_known_to_the_next_host_and_after_its_task_is_gone) {
    std::string job;
    {
        Workshop workshop(scratch_.path());
        workshop.given_task("t", "true");
        job = workshop.ask("t", "key");
        workshop.database.write([](Session &session) { tasks::remove(session, "t"); });
    }
    Workshop workshop(scratch_.path());
    const auto again = ask(workshop, {"key", "t", "{}"});
    EXPECT_EQ(again.outcome, JobOutcome::duplicate);
    EXPECT_EQ(again.job, job);
}

TEST_F(Queue, Many_that_ask_by_one_key_at_once_get_one_job) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "true");
    std::mutex mutex;
    std::set<std::string> jobs;
    int accepted = 0;
    std::vector<std::thread> threads;
    for (int number = 0; number < 16; ++number) {
        threads.emplace_back([&] {
            const auto reply = ask(workshop, {"key", "t", "{}"});
            const std::lock_guard lock(mutex);
            jobs.insert(reply.job);
            accepted += reply.outcome == JobOutcome::accepted ? 1 : 0;
        });
    }
    for (auto &thread : threads)
        thread.join();
    EXPECT_EQ(accepted, 1);
    EXPECT_EQ(jobs.size(), 1U);
}

TEST_F(Queue, The_same_key_twice_in_one_call_is_one_job) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "true");
    const std::vector<JobRequest> requests{{"key", "t", "{}"}, {"key", "t", "{}"}};
    const auto replies = workshop.queue.start("probe", requests);
    EXPECT_EQ(replies[0].outcome, JobOutcome::accepted);
    EXPECT_EQ(replies[1].outcome, JobOutcome::duplicate);
    EXPECT_EQ(replies[0].job, replies[1].job);
}

TEST_F(Queue, Keys_of_two_plugins_do_not_meet) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "true");
    TaskRow task;
    task.id = "o";
    task.triggers = {{"o", "o", "other", "other", "{}"}};
    workshop.database.write([&](Session &session) { tasks::insert(session, task); });
    const JobRequest request{"key", "o", "{}"};
    EXPECT_FALSE(workshop.ask("t", "key").empty());
    EXPECT_EQ(workshop.queue.start("other", std::span(&request, 1))[0].outcome, JobOutcome::accepted);
}

TEST_F(Queue, What_can_never_be_started_is_refused_with_words) {
    Workshop workshop(scratch_.path(), {.spool_max_bytes = 1000});
    workshop.given_task("t", "true");
    struct Case {
        JobRequest request;
        const char *words;
    };
    const Case cases[] = {
        {{"k", "unknown", "{}"}, "there is no trigger"},
        {{"", "t", "{}"}, "key must have"},
        {{std::string(201, 'k'), "t", "{}"}, "key must have"},
        {{"k", "t", "[]"}, "not a JSON object"},
        {{"k", "t", "{\"a\": \"\xff\"}"}, "not a JSON object"},
        {{"k", "t", "{}", "../t"}, "not the name of a folder"},
        {{"k", "t", "{}", ".."}, "not the name of a folder"},
        {{"k", "t", "{\"a\": \"" + std::string(1000, 'x') + "\"}"}, "larger than Jobs.SpoolMaxBytes"},
    };
    for (const auto &one : cases) {
        const auto reply = ask(workshop, one.request);
        EXPECT_EQ(reply.outcome, JobOutcome::refused) << one.words;
        EXPECT_THAT(reply.words, ::testing::HasSubstr(one.words));
    }
    const JobRequest foreign{"k", "t", "{}"};
    EXPECT_EQ(workshop.queue.start("other", std::span(&foreign, 1))[0].outcome, JobOutcome::refused)
        << "a plugin fires its own triggers only";
}

TEST_F(Queue, A_full_spool_says_busy_and_takes_up_again_when_jobs_have_expired) {
    Workshop workshop(scratch_.path(), {.retention_hours = 1, .spool_max_bytes = 100});
    workshop.given_task("t", "true");
    const auto spool = workshop.queue.spool_folder("probe");
    host::testing::write(spool / "s" / "raw.eml", std::string(70, 'x'));
    const auto job = ask(workshop, {"1", "t", "{}", "s"}).job;
    const auto busy = ask(workshop, {"2", "t", "{\"a\": \"" + std::string(40, 'x') + "\"}"});
    EXPECT_EQ(busy.outcome, JobOutcome::busy);
    EXPECT_GT(busy.retry_after.count(), 0);
    EXPECT_TRUE(workshop.queue.use().paused);
    EXPECT_EQ(ask(workshop, {"1", "t", "{}", "s"}).outcome, JobOutcome::duplicate)
        << "a known key is no new job";

    const Micros hour = 3600 * micros_per_second;
    end(workshop, job, wall_now());
    EXPECT_EQ(workshop.queue.expire(wall_now()), 0U);
    EXPECT_EQ(workshop.queue.expire(wall_now() + 2 * hour), 1U);
    EXPECT_FALSE(std::filesystem::exists(spool / "s"));
    EXPECT_FALSE(workshop.job(job).payload);
    EXPECT_EQ(ask(workshop, {"2", "t", "{\"a\": \"" + std::string(40, 'x') + "\"}"}).outcome,
              JobOutcome::accepted);
    EXPECT_EQ(ask(workshop, {"1", "t", "{}"}).outcome, JobOutcome::duplicate)
        << "keys outlive what they started";
}

TEST_F(Queue, Once_one_has_to_wait_those_after_it_wait_too) {
    Workshop workshop(scratch_.path(), {.spool_max_bytes = 30});
    workshop.given_task("t", "true");
    const std::vector<JobRequest> requests{
        {"1", "t", "{}"}, {"2", "t", "{\"a\": \"" + std::string(21, 'x') + "\"}"}, {"3", "t", "{}"}};
    const auto replies = workshop.queue.start("probe", requests);
    EXPECT_EQ(replies[0].outcome, JobOutcome::accepted);
    EXPECT_EQ(replies[1].outcome, JobOutcome::busy);
    EXPECT_EQ(replies[2].outcome, JobOutcome::busy);
}

TEST_F(Queue, What_a_duplicate_brings_along_is_the_hosts_and_goes) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "true");
    const auto spool = workshop.queue.spool_folder("probe");
    host::testing::write(spool / "first" / "raw.eml", "x");
    host::testing::write(spool / "second" / "raw.eml", "x");
    ask(workshop, {"key", "t", "{}", "first"});
    ask(workshop, {"key", "t", "{}", "second"});
    EXPECT_FALSE(std::filesystem::exists(spool / "second"));
    ask(workshop, {"key", "t", "{}", "first"});
    EXPECT_TRUE(std::filesystem::exists(spool / "first")) << "the first job reads it";
}

TEST_F(Queue, A_retry_is_a_new_job_with_the_old_payload_and_the_tasks_present_project) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "false");
    const auto first = workshop.ask("t", "key", R"({"a": 1})");
    EXPECT_THROW(workshop.queue.retry({"", "ann"}, first), Problem) << "it has not ended";
    end(workshop, first, wall_now());
    EXPECT_THROW(workshop.queue.retry({"acme", "ann"}, first), Problem) << "it is another tenant's";
    auto task = *workshop.database.read([](Session &session) { return tasks::find(session, "", "t"); });
    task.project = "true";
    workshop.database.write([&](Session &session) { tasks::replace(session, task); });
    const auto retry = workshop.queue.retry({"", "ann"}, first);
    EXPECT_NE(retry.id, first);
    const auto stored = workshop.job(retry.id);
    EXPECT_EQ(stored.retry_of, first);
    EXPECT_EQ(stored.payload, R"({"a": 1})");
    EXPECT_EQ(stored.project, "true");
    EXPECT_EQ(stored.state, "queued");
    EXPECT_FALSE(stored.idempotency_key);
    EXPECT_EQ(ask(workshop, {"key", "t", "{}"}).job, first);
}

TEST_F(Queue, An_expired_job_is_not_retried) {
    Workshop workshop(scratch_.path(), {.retention_hours = 1});
    workshop.given_task("t", "false");
    const auto job = workshop.ask("t", "key");
    end(workshop, job, wall_now() - 2 * 3600 * micros_per_second);
    try {
        workshop.queue.retry({"", "ann"}, job);
        FAIL();
    } catch (const Problem &problem) {
        EXPECT_EQ(problem.code, "expired");
    }
}

} // namespace
