// How many threads this process has; 0 where that can't be told.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace orch::sdk::testing {

inline std::size_t threads_of_this_process() {
    std::error_code error;
    const std::filesystem::directory_iterator tasks("/proc/self/task", error);
    return error ? 0 : static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

} // namespace orch::sdk::testing
