#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/testing/host_in_a_box.hpp"

namespace {

using namespace orch::sdk;
using namespace orch::sdk::testing;

struct Box : ::testing::Test {
    ScratchFolder folder;
    BoxedJobs jobs{folder.path() / "spool"};

    JobReply ask(const std::string &key, const std::string &trigger = "t", const std::string &payload = "{}",
                 const std::string &spool = {}) {
        return jobs.start(std::vector<JobRequest>{{key, trigger, payload, spool}}).at(0);
    }
};

TEST_F(Box, A_key_asked_twice_is_one_job) {
    EXPECT_EQ(ask("a").outcome, JobOutcome::accepted);
    EXPECT_EQ(ask("a").outcome, JobOutcome::duplicate);
    EXPECT_EQ(ask("a").job, "job-1");
    EXPECT_EQ(ask("b").job, "job-2");
    EXPECT_EQ(jobs.jobs().size(), 2U);
}

TEST_F(Box, A_lost_answer_leaves_a_job_that_the_next_question_finds) {
    jobs.lose_answers(1);
    EXPECT_EQ(ask("a").outcome, JobOutcome::unanswered);
    EXPECT_EQ(ask("a").outcome, JobOutcome::duplicate);
    EXPECT_EQ(jobs.jobs().size(), 1U);
}

TEST_F(Box, Is_busy_as_often_as_it_is_told_and_takes_nothing_meanwhile) {
    jobs.be_busy(2, std::chrono::milliseconds(7));
    EXPECT_EQ(ask("a").outcome, JobOutcome::busy);
    EXPECT_EQ(ask("a").retry_after, std::chrono::milliseconds(7));
    EXPECT_EQ(ask("a").outcome, JobOutcome::accepted);
}

TEST_F(Box, Refuses_a_trigger_a_broken_payload_and_a_spool_that_is_not_there) {
    jobs.refuse("bad");
    EXPECT_EQ(ask("a", "bad").outcome, JobOutcome::refused);
    EXPECT_EQ(ask("a", "t", "{\"a\":}").outcome, JobOutcome::refused);
    EXPECT_EQ(ask("a", "t", "{}", "nowhere").outcome, JobOutcome::refused);
    std::filesystem::create_directory(folder.path() / "spool" / "here");
    EXPECT_EQ(ask("a", "t", "{}", "here").outcome, JobOutcome::accepted);
}

TEST_F(Box, A_secret_opens_under_its_context_only_and_notices_every_change) {
    BoxedSecrets secrets;
    const std::string sealed = *secrets.seal("mail/1", "пароль");
    EXPECT_NE(sealed, *secrets.seal("mail/1", "пароль"));
    EXPECT_THAT(sealed, ::testing::Not(::testing::HasSubstr("пароль")));
    EXPECT_EQ(*secrets.open("mail/1", sealed), "пароль");
    EXPECT_FALSE(secrets.open("mail/2", sealed));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == '0' ? '1' : '0';
        EXPECT_FALSE(secrets.open("mail/1", changed)) << i;
    }
    EXPECT_FALSE(secrets.open("mail/1", "boxed:"));
    secrets.change_key();
    EXPECT_FALSE(secrets.open("mail/1", sealed));
}

} // namespace
