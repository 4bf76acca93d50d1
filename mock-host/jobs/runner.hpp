// Runs jobs: first come, first served, at most so many at a time, each through its launcher.
//
// Waits for events of the kernel only, so that a job starts as soon as it may. What the host was doing when it
// last died is found again in the job folders:
//
//   no claim                     started
//   claimed, the process lives   adopted: its end is awaited
//   claimed, with a result       ended, as the result says
//   claimed, neither             `interrupted`; never run again by itself
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "jobs/process.hpp"
#include "store/database.hpp"
#include "store/jobs.hpp"

namespace host {

struct RunnerSettings {
    std::filesystem::path launcher;
    std::filesystem::path jobs;
    std::int64_t concurrency = 4;
    std::chrono::milliseconds first_pause{
        1000}; // after a launcher that could not be started; doubled each time
};

class Runner {
  public:
    Runner(Database &database, RunnerSettings settings);
    ~Runner();
    Runner(const Runner &) = delete;
    Runner &operator=(const Runner &) = delete;

    // Who is told, on the database's thread, that the end of a job is on disk. Before `start`.
    void on_end(std::function<void()> ended) { on_end_ = std::move(ended); }

    // Takes up what is not ended, and runs.
    void start();

    // Starts no more. What runs goes on running without the host.
    void stop();

    // [any thread] Jobs whose rows are on disk, in the order in which they are to start.
    void enqueue(std::vector<LaunchOrder> jobs);

    // [any thread] How many jobs have ended since the start, by state.
    [[nodiscard]] std::map<std::string, std::int64_t> ended() const;

    [[nodiscard]] const std::filesystem::path &jobs_folder() const { return settings_.jobs; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Waiting {
        std::string job;
        int attempts = 0;
        // Of a job that need not wait; the row of any other is read when its time comes.
        std::optional<LaunchOrder> order{};
    };
    struct Running {
        std::string job;
        int attempts = 0;
        LauncherProcess process;
        bool announced = false; // its start is recorded
    };

    void loop();
    void take_incoming();
    void start_what_may();
    void start(Waiting next);
    [[nodiscard]] bool has_room() const;
    std::optional<LaunchOrder> order_of(const std::string &job);
    LauncherProcess waiting_launcher();
    void keep_a_spare();
    void watch(Running running);
    void hear_claim(Running &running);
    void finish(std::uint64_t slot);
    // What became of a job that has no launcher of ours, by its folder. False: nobody has claimed it.
    bool take_up(const std::string &job, int attempts);
    void announce(const std::string &job, Micros at);
    void end(const std::string &job, JobEnd end);
    void end_by_result(const std::string &job, const JobResult &result);
    void try_again(Waiting next, const std::string &error);
    [[nodiscard]] int milliseconds_to_next() const;

    Database &database_;
    RunnerSettings settings_;
    Handle poll_;
    Handle wake_;
    std::function<void()> on_end_;
    mutable std::mutex mutex_;
    std::map<std::string, std::int64_t> ended_;
    std::vector<LaunchOrder> incoming_;
    bool ending_ = false;
    std::deque<Waiting> waiting_;
    std::multimap<Clock::time_point, Waiting> delayed_;
    std::map<std::uint64_t, Running> running_; // by slot
    std::uint64_t next_slot_ = 1;
    std::optional<LauncherProcess> spare_; // waits for its job, so that the job need not wait for it
    Clock::time_point spare_due_{};
    std::thread thread_;
};

} // namespace host
