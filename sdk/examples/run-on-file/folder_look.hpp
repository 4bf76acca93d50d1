// One look at a folder after the other: which files are there and have come to rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orch/sdk/outcome.hpp"

namespace run_on_file {

struct File {
    std::string name; // UTF-8
    std::uint64_t size = 0;
    std::int64_t modified = 0;                      // ticks of the file clock
    auto operator<=>(const File &) const = default; // NOLINT(modernize-use-nullptr): clang-tidy 14
};

// What makes this file another than its namesake of yesterday, in at most 200 bytes: the idempotency key.
std::string key_of(const std::string &trigger, const std::filesystem::path &folder, const File &file);

// Regular files whose name ends in `suffix` and can be told as UTF-8, by name.
orch::sdk::Outcome<std::vector<File>> files_in(const std::filesystem::path &folder, const std::string &suffix);

// Tells a file that is being written from one that is complete: the latter was the same at the look before.
class Settling {
  public:
    // Those of `seen` that have settled.
    std::vector<File> settled(const std::vector<File> &seen);

  private:
    std::map<std::string, File> before_; // by name
};

} // namespace run_on_file
