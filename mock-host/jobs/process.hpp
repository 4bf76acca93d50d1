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
    Handle told;        // readable when it has claimed the job
};

struct LaunchOrder {
    std::filesystem::path launcher; // the program
    std::filesystem::path jobs;     // the folder of all jobs
    std::string id;
    std::string project;
    std::string payload;
};

// Lays the job's folder out and starts its launcher. Throws std::system_error; then nothing was started.
LauncherProcess launch(const LaunchOrder &order);

// The process that made the claim, if it still lives.
std::optional<LauncherProcess> adopt(const Claim &claim);

// The exit status of a child that has ended; -1 when a signal ended it.
int collect(const LauncherProcess &process);

} // namespace host
