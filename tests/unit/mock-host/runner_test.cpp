// Jobs as real processes, through the real launcher.
#include "jobs/runner.hpp"

#include <csignal>
#include <regex>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/workshop.hpp"

namespace {

using namespace host;
using host::testing::content;
using host::testing::eventually;
using host::testing::Scratch;
using host::testing::Workshop;
using ::testing::HasSubstr;

class Jobs : public ::testing::Test {
  protected:
    Scratch scratch_;

    JobRow run(const std::string &project, const std::string &payload = "{}") {
        Workshop workshop(scratch_.path());
        workshop.given_task("t", project);
        workshop.runner.start();
        return workshop.ended(workshop.ask("t", "key", payload));
    }
    [[nodiscard]] std::string marks() const { return content(scratch_ / "marks"); }
    [[nodiscard]] std::string mark(const std::string &text = "x") const {
        return "printf " + text + " >> " + (scratch_ / "marks").string();
    }
};

TEST_F(Jobs, One_that_ends_well_has_succeeded) {
    const auto job = run("echo hello; echo trouble >&2");
    EXPECT_EQ(job.state, "succeeded");
    EXPECT_EQ(job.exit_code, 0);
    EXPECT_EQ(job.output, "hello\ntrouble\n");
    EXPECT_LE(job.created_at, *job.started_at);
    EXPECT_LE(*job.started_at, *job.ended_at);
}

TEST_F(Jobs, One_that_ends_badly_has_failed_with_its_exit_code) {
    const auto job = run("exit 42");
    EXPECT_EQ(job.state, "failed");
    EXPECT_EQ(job.exit_code, 42);
}

TEST_F(Jobs, One_that_a_signal_ends_has_failed_and_says_so) {
    const auto job = run("kill -9 $$");
    EXPECT_EQ(job.state, "failed");
    EXPECT_EQ(job.exit_code, 137);
    EXPECT_THAT(*job.error, HasSubstr("signal 9"));
}

TEST_F(Jobs, The_payload_comes_on_standard_input_and_as_a_file_unchanged) {
    const std::string payload = R"({"subject": "Счёт №1 \" $(reboot) `x` ';", "n": 1.50})";
    const auto job = run(R"(cat; echo; cat "$ORCH_JOB_PAYLOAD")", payload);
    EXPECT_EQ(job.output, payload + "\n" + payload);
}

TEST_F(Jobs, The_environment_is_clean_and_the_folder_empty) {
    ::setenv("ORCH_SECRET_KEY", "top secret", 1);
    const auto job = run("env; ls -A; pwd; umask");
    ::unsetenv("ORCH_SECRET_KEY");
    const auto work = (scratch_ / "jobs") / job.id / "work";
    std::set<std::string> lines;
    std::istringstream out(*job.output);
    for (std::string line; std::getline(out, line);)
        lines.insert(line.substr(0, line.find('=')));
    lines.erase("_"); // some shells say what they run
    EXPECT_THAT(lines, ::testing::UnorderedElementsAre("PATH", "LANG", "HOME", "PWD", "ORCH_JOB_ID",
                                                       "ORCH_JOB_PAYLOAD", work.string(), "0022"));
    EXPECT_THAT(*job.output, HasSubstr("HOME=" + work.string()));
    EXPECT_THAT(*job.output, HasSubstr("ORCH_JOB_ID=" + job.id));
}

TEST_F(Jobs, No_descriptor_of_the_host_reaches_a_job) {
    const int leaky = ::open("/dev/zero", O_RDONLY);
    const int high = ::fcntl(leaky, F_DUPFD, 200);
    const auto job = run("for f in /proc/self/fd/*; do readlink $f; done; true");
    ::close(leaky);
    ::close(high);
    EXPECT_THAT(*job.output, ::testing::Not(HasSubstr("/dev/zero")));
    EXPECT_THAT(*job.output, ::testing::Not(HasSubstr("sqlite")));
    EXPECT_THAT(*job.output, ::testing::Not(HasSubstr("anon_inode")));
}

TEST_F(Jobs, A_job_has_a_session_of_its_own_and_usual_signals) {
    const auto job =
        run("cut -d' ' -f6 /proc/$PPID/stat; echo $PPID; grep -E 'Sig(Blk|Ign)' /proc/self/status");
    std::istringstream out(*job.output);
    std::string session;
    std::string launcher;
    out >> session >> launcher;
    EXPECT_EQ(session, launcher) << "the launcher leads its session";
    EXPECT_THAT(*job.output, HasSubstr("SigBlk:\t0000000000000000"));
    const auto ignored = job.output->substr(job.output->find("SigIgn:") + 8);
    // glibc's posix_spawn leaves its two internal signals, 32 and 33, ignored.
    EXPECT_EQ(std::stoull(ignored, nullptr, 16) & ~0x180000000ULL, 0U) << ignored;
}

TEST_F(Jobs, A_runaway_output_is_cut_to_its_tail_and_does_not_fill_the_disk) {
    const auto job = run("head -c 20000000 /dev/zero | tr '\\0' a; echo; echo the end");
    EXPECT_EQ(job.state, "succeeded");
    EXPECT_EQ(job.output->size(), output_limit);
    EXPECT_THAT(*job.output, ::testing::EndsWith("a\nthe end\n"));
    EXPECT_LE(std::filesystem::file_size(JobFolder(scratch_ / "jobs", job.id).output()), 5 * output_limit);
}

TEST_F(Jobs, Output_that_is_no_text_is_shown_as_valid_UTF8) {
    const auto job = run(R"(printf 'a\377b\000c')");
    EXPECT_EQ(job.output, "a\xEF\xBF\xBD"
                          "b\xEF\xBF\xBD"
                          "c");
}

TEST_F(Jobs, What_a_job_leaves_running_does_not_keep_it_from_ending) {
    const auto job = run("sleep 1000 & echo $!");
    EXPECT_EQ(job.state, "succeeded");
    ::kill(std::stoi(*job.output), SIGKILL);
}

TEST_F(Jobs, No_more_run_at_a_time_than_allowed_and_the_first_come_first) {
    Workshop workshop(scratch_.path(), {.concurrency = 2});
    const auto started = (scratch_ / "started").string();
    workshop.given_task("t", "cat >> " + started + "; echo >> " + started + "; while [ ! -e " +
                                 (scratch_ / "go").string() + " ]; do sleep 0.02; done");
    std::vector<std::string> ids;
    for (int number = 0; number < 5; ++number) {
        ids.push_back(workshop.ask("t", std::to_string(number), "{\"n\":" + std::to_string(number) + "}"));
    }
    workshop.runner.start();
    ASSERT_TRUE(eventually([&] { return content(started).size() >= 16; }));
    ASSERT_TRUE(eventually([&] { return workshop.job(ids[1]).state == "running"; }));
    EXPECT_EQ(workshop.job(ids[2]).state, "queued");
    EXPECT_EQ(content(started).size(), 16U) << "two of them";
    host::testing::write(scratch_ / "go", "");
    for (const auto &id : ids)
        EXPECT_EQ(workshop.ended(id).state, "succeeded");
    std::vector<Micros> starts;
    for (const auto &id : ids)
        starts.push_back(*workshop.job(id).started_at);
    EXPECT_LE(std::max(starts[0], starts[1]), starts[2]);
    EXPECT_LE(starts[2], starts[4]);
}

TEST_F(Jobs, A_job_that_nobody_claimed_is_started_by_the_next_host) {
    std::string id;
    {
        Workshop workshop(scratch_.path());
        workshop.given_task("t", mark());
        id = workshop.ask("t", "key");
    }
    Workshop workshop(scratch_.path());
    workshop.runner.start();
    EXPECT_EQ(workshop.ended(id).state, "succeeded");
    EXPECT_EQ(marks(), "x");
}

TEST_F(Jobs, A_running_job_outlives_its_host_and_is_adopted_by_the_next) {
    std::string id;
    {
        Workshop workshop(scratch_.path());
        workshop.given_task("t", mark("a") + "; while [ ! -e " + (scratch_ / "go").string() +
                                     " ]; do sleep 0.02; done; " + mark("b") + "; echo done; exit 3");
        workshop.runner.start();
        id = workshop.ask("t", "key");
        ASSERT_TRUE(eventually([&] { return marks() == "a"; }));
    }
    Workshop workshop(scratch_.path());
    workshop.runner.start();
    ASSERT_TRUE(eventually([&] { return workshop.job(id).state == "running"; }));
    host::testing::write(scratch_ / "go", "");
    const auto job = workshop.ended(id);
    EXPECT_EQ(job.state, "failed");
    EXPECT_EQ(job.exit_code, 3);
    EXPECT_EQ(job.output, "done\n");
    EXPECT_EQ(marks(), "ab");
}

TEST_F(Jobs, A_job_that_ended_while_no_host_was_there_is_found_ended) {
    std::string id;
    {
        Workshop workshop(scratch_.path());
        workshop.given_task("t",
                            "while [ ! -e " + (scratch_ / "go").string() + " ]; do sleep 0.02; done; exit 7");
        workshop.runner.start();
        id = workshop.ask("t", "key");
        ASSERT_TRUE(eventually([&] { return read_claim(workshop.files(id)).has_value(); }));
    }
    host::testing::write(scratch_ / "go", "");
    ASSERT_TRUE(eventually([&] { return read_result(JobFolder(scratch_ / "jobs", id)).has_value(); }));
    Workshop workshop(scratch_.path());
    workshop.runner.start();
    const auto job = workshop.ended(id);
    EXPECT_EQ(job.state, "failed");
    EXPECT_EQ(job.exit_code, 7);
    EXPECT_TRUE(job.started_at);
}

// Each is what a process that is gone has left: a pid that means another process by now, one of another boot,
// and what a loss of power leaves of a file.
class Orphaned : public Jobs, public ::testing::WithParamInterface<const char *> {};

TEST_P(Orphaned, A_claim_without_process_and_result_is_interrupted_and_never_run_again) {
    std::string id;
    {
        Workshop workshop(scratch_.path());
        workshop.given_task("t", mark());
        id = workshop.ask("t", "key");
    }
    auto claim = std::regex_replace(std::string(GetParam()), std::regex("SELF"), std::to_string(::getpid()));
    auto boot = content("/proc/sys/kernel/random/boot_id");
    boot.pop_back();
    claim = std::regex_replace(claim, std::regex("BOOT"), boot);
    host::testing::write(JobFolder(scratch_ / "jobs", id).claim, claim);
    {
        Workshop workshop(scratch_.path());
        workshop.runner.start();
        const auto job = workshop.ended(id);
        EXPECT_EQ(job.state, "interrupted");
        EXPECT_TRUE(job.error);
    }
    Workshop workshop(scratch_.path());
    workshop.runner.start();
    workshop.given_task("u", "true");
    workshop.ended(workshop.ask("u", "after it"));
    EXPECT_EQ(marks(), "");
}

INSTANTIATE_TEST_SUITE_P(Claims, Orphaned,
                         ::testing::Values("pid SELF\nstart 1\nboot BOOT\nat 5\n",
                                           "pid SELF\nstart 0\nboot x\nat 5\n",
                                           "pid 4194304\nstart 1\nboot BOOT\nat 5\n", ""));

TEST_F(Jobs, A_launcher_that_is_killed_takes_its_job_along_and_the_job_is_interrupted) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", "echo $$ > " + (scratch_ / "pid").string() + "; exec sleep 1000");
    workshop.runner.start();
    const auto id = workshop.ask("t", "key");
    ASSERT_TRUE(eventually([&] { return content(scratch_ / "pid").ends_with('\n'); }));
    ::kill(static_cast<pid_t>(read_claim(workshop.files(id))->pid), SIGKILL);
    EXPECT_EQ(workshop.ended(id).state, "interrupted");
    const int shell = std::stoi(content(scratch_ / "pid"));
    EXPECT_TRUE(eventually([&] { return ::kill(shell, 0) != 0; }));
}

TEST_F(Jobs, Of_launchers_that_start_one_job_at_once_one_runs_it) {
    Workshop workshop(scratch_.path());
    workshop.given_task("t", mark() + "; sleep 0.3");
    const auto id = workshop.ask("t", "key");
    // As a host does that died after it had started the launcher.
    std::vector<LauncherProcess> strays;
    for (int number = 0; number < 8; ++number) {
        strays.push_back(start_launcher(JOB_LAUNCHER, scratch_ / "jobs"));
        give_order(strays.back(), scratch_ / "jobs", {id, mark() + "; sleep 0.3", "{}"});
    }
    workshop.runner.start();
    EXPECT_EQ(workshop.ended(id).state, "succeeded");
    for (const auto &stray : strays)
        collect(stray);
    EXPECT_EQ(marks(), "x");
}

TEST_F(Jobs, A_launcher_that_is_not_there_is_tried_again_and_then_the_job_has_failed) {
    Scratch scratch;
    std::filesystem::create_directories(scratch / "jobs");
    std::filesystem::create_directories(scratch / "spool");
    Database database(scratch / "host.sqlite");
    Runner runner(database, {scratch / "no-launcher", scratch / "jobs", 1, std::chrono::milliseconds(5)});
    database.write([](Session &session) {
        JobRow job;
        job.id = "j";
        job.payload = "{}";
        jobs::insert(session, job);
    });
    runner.start();
    const auto job = [&] { return *database.read([](Session &session) { return jobs::find(session, "j"); }); };
    ASSERT_TRUE(eventually([&] { return job().ended_at.has_value(); }));
    EXPECT_EQ(job().state, "failed");
    EXPECT_THAT(*job().error, HasSubstr("could not be started"));
}

TEST_F(Jobs, A_thousand_asked_for_in_one_call_run_once_each) {
    Workshop workshop(scratch_.path(), {.concurrency = 8});
    workshop.given_task("t", mark());
    workshop.runner.start();
    std::vector<orch::sdk::JobRequest> requests;
    for (int number = 0; number < 1000; ++number)
        requests.push_back({std::to_string(number), "t", "{}"});
    const auto replies = workshop.queue.start("probe", requests);
    ASSERT_EQ(replies.size(), 1000U);
    ASSERT_TRUE(eventually(
        [&] { return workshop.database.read([](Session &s) { return jobs::unfinished(s); }).empty(); },
        std::chrono::seconds(120)));
    EXPECT_EQ(marks().size(), 1000U);
}

} // namespace
