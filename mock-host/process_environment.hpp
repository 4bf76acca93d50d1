// What the host's process needs of its system. POSIX: process_environment_posix.cpp.
#pragma once

#include <filesystem>

namespace host {

// Made before any thread: SIGTERM and SIGINT then come to `wait` alone, and a broken pipe is an error of the
// write and nothing more.
class StopSignal {
  public:
    StopSignal();
    void wait();
};

// Where this program lies, links resolved.
std::filesystem::path program_folder();

} // namespace host
