#include "watch/scheduler.hpp"

#include <atomic>
#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

#include <unistd.h>

namespace roe::watch {
namespace {

using namespace std::chrono_literals;

// Work made of a function; counts its runs and how many ran at once.
class Scripted final : public Work {
  public:
    explicit Scripted(std::function<Next(Wake, int)> step) : step_(std::move(step)) {}

    Next run(Wake why) override {
        if (inside_.fetch_add(1) != 0) overlapped = true;
        const auto next = step_(why, ++runs);
        --inside_;
        return next;
    }
    void cancel() override { cancelled = true; }

    std::atomic<int> runs = 0;
    std::atomic<bool> overlapped = false;
    std::atomic<bool> cancelled = false;

  private:
    std::function<Next(Wake, int)> step_;
    std::atomic<int> inside_ = 0;
};

std::shared_ptr<Scripted> scripted(std::function<Next(Wake, int)> step) {
    return std::make_shared<Scripted>(std::move(step));
}

template <class Condition>
bool eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

SteadyTime in(std::chrono::milliseconds wait) {
    return std::chrono::steady_clock::now() + wait;
}

struct Pipe {
    Pipe() {
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    }
    ~Pipe() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    void signal() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
    void drain() const {
        char c = 0;
        EXPECT_EQ(::read(ends[0], &c, 1), 1);
    }
    int ends[2] = {-1, -1};
};

class SchedulerTest : public ::testing::Test {
  protected:
    const Pipe &new_pipe() { return *pipes_.emplace_back(std::make_unique<Pipe>()); }

    std::atomic<int> faults = 0;
    std::atomic<int> readable = 0;

  private:
    std::vector<std::unique_ptr<Pipe>> pipes_;

  protected:
    // Declared last: work that is parked may run until it is gone, and uses what stands above.
    Scheduler scheduler{4, [this](const std::string &) { ++faults; }};
};

TEST_F(SchedulerTest, New_work_runs_at_once) {
    const auto work = scripted([](Wake, int) { return Next::idle(); });
    scheduler.add(work, "a");
    EXPECT_TRUE(eventually([&] { return work->runs == 1; }));
}

TEST_F(SchedulerTest, Work_runs_again_when_its_time_has_come) {
    const auto work = scripted([](Wake, int run) { return run < 5 ? Next::at(in(5ms)) : Next::idle(); });
    scheduler.add(work, "a");
    EXPECT_TRUE(eventually([&] { return work->runs == 5; }));
}

TEST_F(SchedulerTest, Idle_work_runs_only_when_it_is_poked) {
    std::atomic<Wake> last = Wake::due;
    const auto work = scripted([&](Wake why, int) {
        last = why;
        return Next::idle();
    });
    const auto id = scheduler.add(work, "a");
    ASSERT_TRUE(eventually([&] { return work->runs == 1; }));
    std::this_thread::sleep_for(30ms);
    EXPECT_EQ(work->runs, 1);
    scheduler.poke(id);
    EXPECT_TRUE(eventually([&] { return work->runs == 2; }));
    EXPECT_TRUE(eventually([&] { return last == Wake::poked; }));
}

TEST_F(SchedulerTest, A_poke_during_a_run_is_not_lost) {
    std::promise<void> inside;
    std::promise<void> go_on;
    const auto work = scripted([&](Wake, int run) {
        if (run == 1) {
            inside.set_value();
            go_on.get_future().wait();
        }
        return Next::idle();
    });
    const auto id = scheduler.add(work, "a");
    inside.get_future().wait();
    scheduler.poke(id);
    scheduler.poke(id);
    go_on.set_value();
    EXPECT_TRUE(eventually([&] { return work->runs == 2; }));
}

TEST_F(SchedulerTest, Parked_work_wakes_with_its_descriptor) {
    const Pipe &pipe = new_pipe();
    const auto work = scripted([this, &pipe](Wake why, int) {
        if (why == Wake::readable) {
            pipe.drain();
            ++readable;
        }
        return Next::parked(pipe.ends[0], in(1h));
    });
    scheduler.add(work, "a");
    for (int i = 1; i <= 3; ++i) {
        ASSERT_TRUE(eventually([&] { return work->runs >= i; }));
        pipe.signal();
        ASSERT_TRUE(eventually([&] { return readable == i; }));
    }
}

TEST_F(SchedulerTest, Parked_work_is_taken_up_when_its_time_has_come_though_nothing_woke) {
    const Pipe &pipe = new_pipe();
    const auto work = scripted(
        [&pipe](Wake, int run) { return run == 1 ? Next::parked(pipe.ends[0], in(10ms)) : Next::idle(); });
    scheduler.add(work, "a");
    EXPECT_TRUE(eventually([&] { return work->runs == 2; }));
}

TEST_F(SchedulerTest, Hundreds_of_parked_sessions_share_the_few_threads_and_none_is_missed) {
    constexpr int sessions = 400;
    std::vector<const Pipe *> pipes;
    std::vector<std::shared_ptr<Scripted>> works;
    for (int i = 0; i < sessions; ++i) {
        const Pipe *pipe = pipes.emplace_back(&new_pipe());
        works.push_back(scripted([pipe](Wake why, int) {
            if (why == Wake::readable) pipe->drain();
            return Next::parked(pipe->ends[0], in(1h));
        }));
        scheduler.add(works.back(), "lane " + std::to_string(i % 7));
    }
    for (const auto &work : works)
        ASSERT_TRUE(eventually([&] { return work->runs == 1; }));
    for (const auto &pipe : pipes)
        pipe->signal();
    for (const auto &work : works)
        EXPECT_TRUE(eventually([&] { return work->runs == 2; }));
    scheduler.stop();
}

TEST_F(SchedulerTest, Work_never_runs_twice_at_a_time) {
    const auto work = scripted([](Wake, int) {
        std::this_thread::sleep_for(1ms);
        return Next::at(in(0ms));
    });
    const auto id = scheduler.add(work, "a");
    for (int i = 0; i < 200; ++i) {
        scheduler.poke(id);
        std::this_thread::sleep_for(200us);
    }
    scheduler.remove(id);
    EXPECT_FALSE(work->overlapped);
    EXPECT_GT(work->runs, 10);
}

TEST_F(SchedulerTest, Removed_work_is_cancelled_and_does_not_run_when_remove_has_returned) {
    std::promise<void> inside;
    std::atomic<bool> done = false;
    std::shared_ptr<Scripted> work;
    work = scripted([&](Wake, int) {
        inside.set_value();
        while (!work->cancelled)
            std::this_thread::sleep_for(1ms);
        done = true;
        return Next::at(in(0ms));
    });
    const auto id = scheduler.add(work, "a");
    inside.get_future().wait();
    scheduler.remove(id);
    EXPECT_TRUE(done);
    const int runs = work->runs;
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(work->runs, runs);
    work.reset();
}

TEST_F(SchedulerTest, A_server_that_stalls_leaves_workers_for_the_others) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::vector<std::shared_ptr<Scripted>> stalled;
    for (int i = 0; i < 20; ++i) {
        stalled.push_back(scripted([released](Wake, int) {
            released.wait();
            return Next::idle();
        }));
        scheduler.add(stalled.back(), "stalled");
    }
    const auto other = scripted([](Wake, int) { return Next::idle(); });
    scheduler.add(other, "well");
    EXPECT_TRUE(eventually([&] { return other->runs == 1; }));
    release.set_value();
    for (const auto &work : stalled)
        EXPECT_TRUE(eventually([&] { return work->runs == 1; }));
}

TEST_F(SchedulerTest, Many_servers_in_trouble_hold_a_quarter_of_the_workers_at_most) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    std::atomic<int> waiting = 0;
    std::atomic<int> most = 0;
    std::vector<std::shared_ptr<Scripted>> works;
    for (int i = 0; i < 6; ++i) {
        works.push_back(scripted([&, released](Wake, int run) {
            if (run == 1) return Next::in_trouble_until(in(100ms));
            most = std::max(most.load(), ++waiting);
            released.wait_for(50ms);
            --waiting;
            return Next::idle();
        }));
        scheduler.add(works.back(), "server " + std::to_string(i));
    }
    for (const auto &work : works)
        EXPECT_TRUE(eventually([&] { return work->runs == 2; }));
    release.set_value();
    scheduler.stop(); // the last runs still count
    EXPECT_EQ(most, 1);
}

TEST_F(SchedulerTest, A_mistake_of_ours_in_one_work_stops_nobody) {
    const auto broken = scripted([](Wake, int) -> Next { throw std::logic_error("a mistake"); });
    const auto other = scripted([](Wake, int) { return Next::idle(); });
    scheduler.add(broken, "a");
    EXPECT_TRUE(eventually([&] { return faults == 1; }));
    scheduler.add(other, "a");
    EXPECT_TRUE(eventually([&] { return other->runs == 1; }));
}

TEST_F(SchedulerTest, Stop_cancels_what_runs_and_leaves_no_thread) {
    std::shared_ptr<Scripted> work;
    work = scripted([&](Wake, int) {
        while (!work->cancelled)
            std::this_thread::sleep_for(1ms);
        return Next::idle();
    });
    scheduler.add(work, "a");
    ASSERT_TRUE(eventually([&] { return work->runs == 1; }));
    scheduler.stop();
    EXPECT_TRUE(work->cancelled);
    scheduler.stop();
    work.reset();
}

} // namespace
} // namespace roe::watch
