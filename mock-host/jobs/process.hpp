// A launcher process, watched without polling. POSIX: process_posix.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "jobs/job_folder.hpp"

namespace host {

// A descriptor that closes itself.
class Handle {
  public:
    Handle() = default;
    explicit Handle(int descriptor) : descriptor_(descriptor) {}
    Handle(Handle &&other) noexcept : descriptor_(other.release()) {}
    Handle &operator=(Handle &&other) noexcept;
    ~Handle() { reset(); }

    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool open() const { return descriptor_ >= 0; }
    void reset();

  private:
    int release() {
        const int descriptor = descriptor_;
        descriptor_ = -1;
        return descriptor;
    }
    int descriptor_ = -1;
};

struct LauncherProcess {
    std::int64_t pid = 0;
    bool child = false; // ours, so its exit status must be collected
    Handle ended;       // readable when it has ended
    Handle told;        // its order goes in here; readable when it has claimed the job
};

struct LaunchOrder {
    std::string id;
    std::string project;
    std::string payload;
};

// Starts the program `launcher`, which waits for a job in `jobs`, the folder of all jobs. Throws
// std::system_error; then nothing was started.
LauncherProcess start_launcher(const std::filesystem::path &launcher, const std::filesystem::path &jobs);

// Lays the job's folder out and gives the job to a launcher that waits. Throws std::system_error; then it does
// not run the job.
void give_order(const LauncherProcess &launcher, const std::filesystem::path &jobs, const LaunchOrder &order);

// Ends a launcher that has no order.
void dismiss(LauncherProcess launcher);

// The process that made the claim, if it still lives.
std::optional<LauncherProcess> adopt(const Claim &claim);

bool has_ended(const LauncherProcess &process);

// The exit status of a child that has ended; -1 when a signal ended it.
int collect(const LauncherProcess &process);

} // namespace host
