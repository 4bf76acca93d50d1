// The started triggers, and the one thread that looks at their folders.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "folder_look.hpp"
#include "orch/sdk/host.hpp"

namespace run_on_file {

struct Wish {
    std::filesystem::path folder;
    std::string suffix;
};

struct LogRow {
    std::uint64_t number = 0;
    File file;
    std::string job;   // empty: none was started
    std::string words; // why not
};

struct Standing {
    bool looked = false;
    std::string error; // of the last look or start; empty: none
    std::string since; // when that state began
    std::string last_fired;
};

// [any thread], but for `run`.
class Watch {
  public:
    Watch(orch::sdk::LogService &log, orch::sdk::JobsService &jobs, std::chrono::milliseconds interval)
        : log_(log), jobs_(jobs), interval_(interval),
          thread_([this](const std::stop_token &stop) { run(stop); }) {}

    void start(const std::string &trigger, Wish wish);

    // Returns when the trigger asks for no job any more.
    void stop(const std::string &trigger);

    [[nodiscard]] std::optional<Standing> standing(const std::string &trigger) const;

    // Newest first, those before row `before`.
    [[nodiscard]] std::vector<LogRow> rows(const std::string &trigger, std::uint64_t before,
                                           std::size_t limit) const;

  private:
    // How far a trigger has got; while its folder is looked at, a copy is with the thread.
    struct Progress {
        Wish wish;
        Settling settling;
        std::set<std::string> answered; // keys of files that are still there and that the host has answered for
        Standing standing;
    };

    struct Watched {
        Progress progress;
        std::deque<LogRow> log; // newest first
    };

    void run(const std::stop_token &stop);
    void look(const std::string &trigger);
    std::vector<LogRow> ask(Progress &progress, const std::string &trigger, const std::vector<File> &files);
    void wait_while_looking(std::unique_lock<std::mutex> &lock, const std::string &trigger);

    orch::sdk::LogService &log_;
    orch::sdk::JobsService &jobs_;
    const std::chrono::milliseconds interval_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, Watched> watched_;
    std::string looking_; // the trigger whose folder is being looked at
    std::uint64_t rows_ = 0;
    std::jthread thread_; // last: it uses all the others
};

} // namespace run_on_file
