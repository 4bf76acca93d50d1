// A process that works with the ledger is killed, again and again, wherever it happens to be.
#include "ledger_fixture.hpp"

#include <csignal>
#include <random>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

namespace roe::ledger::testing {
namespace {

using ::testing::IsEmpty;

class Crashes : public LedgerTest {
  protected:
    void SetUp() override {
        LedgerTest::SetUp();
        ledger_.reset();
    }

    // Runs the writer until it has said `lines` lines or died by itself.
    void run_and_kill(int lines, const std::string &crash_at = "") {
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
            setenv("ROE_CRASH_AT", crash_at.c_str(), 1);
            execl(LEDGER_WRITER, LEDGER_WRITER, address_.database.c_str(), address_.folder.c_str(), nullptr);
            _exit(127);
        }
        close(ends[1]);
        std::string said;
        for (char c = 0; lines > 0 && read(ends[0], &c, 1) == 1;) {
            said += c;
            if (c == '\n') --lines;
        }
        kill(child, SIGKILL);
        // What it had still said before it died counts too.
        for (char c = 0; read(ends[0], &c, 1) == 1;)
            said += c;
        close(ends[0]);
        int status = 0;
        waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself with " << WEXITSTATUS(status);
        note(said);
    }

    void check() {
        ledger_ = open();
        const RowId folder = must(ledger_->folder("mailbox", "INBOX")).id;
        std::set<std::string> waiting;
        for (const auto &row : must(ledger_->due_outbox(triggers_, at(0), 100'000)))
            EXPECT_TRUE(waiting.insert(row.key).second);
        const auto marks = must(ledger_->marks(folder));
        for (const auto &mark : marks) {
            EXPECT_GE(mark.order, passed_) << "a pass that was reported durable is gone";
            std::size_t starts = 0;
            for (std::int64_t order = 1; order <= mark.order; ++order) {
                const std::string key = mark.trigger + "/" + std::to_string(order);
                const bool wanted = mark.trigger == "t1" || order % 2 == 0;
                EXPECT_EQ(waiting.contains(key) || asked_.contains(key), wanted) << key;
                if (wanted) ++starts;
            }
            std::size_t triggered = 0;
            const auto log = must(ledger_->log(mark.trigger, {}, 100'000));
            for (const auto &row : log)
                triggered += row.triggered ? 1 : 0;
            EXPECT_EQ(log.size(), static_cast<std::size_t>(mark.order)) << "as many decisions as mails";
            EXPECT_EQ(triggered, starts);
        }
        for (const auto &key : answered_)
            EXPECT_FALSE(waiting.contains(key)) << key << " would be asked for again";
        ledger_.reset();
    }

  private:
    void note(const std::string &said) {
        std::istringstream lines(said.substr(0, said.rfind('\n') + 1));
        for (std::string what, which; lines >> what >> which;) {
            if (what == "passed") passed_ = std::max<std::int64_t>(passed_, std::stoll(which));
            if (what == "asked") asked_.insert(which);
            if (what == "answered") answered_.insert(which);
        }
    }

    const std::vector<std::string> triggers_{"t1", "t2"};
    std::int64_t passed_ = 0;
    std::set<std::string> asked_;
    std::set<std::string> answered_;
};

TEST_P(Crashes, Killed_at_any_moment_it_loses_nothing_and_repeats_nothing) {
    std::mt19937 random{std::random_device{}()};
    for (int round = 0; round < 12; ++round) {
        run_and_kill(std::uniform_int_distribution<int>(1, 120)(random));
        check();
        if (HasFatalFailure()) return;
    }
}

TEST_P(Crashes, Killed_around_a_commit_it_loses_nothing_and_repeats_nothing) {
    for (const std::string point : {"ledger-before-commit", "ledger-after-commit"})
        for (const int passing : {1, 2, 5}) {
            run_and_kill(100'000, point + ":" + std::to_string(passing));
            check();
            if (HasFatalFailure()) return;
        }
}

INSTANTIATE_TEST_SUITE_P(On, Crashes, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
