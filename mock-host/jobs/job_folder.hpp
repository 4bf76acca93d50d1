// Where a job's files lie, and what its launcher leaves there (launcher/main_posix.cpp writes them).
//
//   jobs/<id>.claim    made exclusively before the job's first instruction: who runs it. That it exists is
//   durable jobs/<id>.result   durable, when it has ended jobs/<id>/payload.json, output (the tail of what it
//   printed), work/ (where it runs; empty at the start)
//
// Claim and result lie side by side in one folder, so that one sync of that folder makes either durable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/times.hpp"

namespace host {

inline constexpr std::size_t output_limit = 64UL * 1024; // bytes of the output that are kept

struct JobFolder {
    JobFolder(const std::filesystem::path &jobs, const std::string &id)
        : folder(jobs / id), claim(jobs / (id + ".claim")), result(jobs / (id + ".result")) {}

    std::filesystem::path folder;
    std::filesystem::path claim;
    std::filesystem::path result;

    [[nodiscard]] std::filesystem::path payload() const { return folder / "payload.json"; }
    [[nodiscard]] std::filesystem::path output() const { return folder / "output"; }
    [[nodiscard]] std::filesystem::path work() const { return folder / "work"; }
};

struct Claim {
    std::int64_t pid = 0;
    std::uint64_t process_start = 0; // clock ticks after boot: tells a process from a later one with its pid
    std::string boot;                // boot id
    Micros started_at = 0;
};

struct JobResult {
    std::optional<std::int64_t> exit_code; // or
    std::optional<std::int64_t> signal;    // or
    std::string error;                     // why it could not be run
    Micros ended_at = 0;
};

// Empty for a text that is none.
std::optional<Claim> parse_claim(std::string_view text);
std::optional<JobResult> parse_result(std::string_view text);

// Empty when there is no such file, or it says nothing.
std::optional<Claim> read_claim(const JobFolder &job);
std::optional<JobResult> read_result(const JobFolder &job);

// Also by a claim that a loss of power has emptied.
bool is_claimed(const JobFolder &job);

} // namespace host
