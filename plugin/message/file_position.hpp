// C streams: they close themselves, and places beyond 2 GB can be named, which standard C cannot on every
// system.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>

namespace roe::message {

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); } // NOLINT(cppcoreguidelines-owning-memory)
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// False with errno set.
bool seek_to(std::FILE *file, std::int64_t offset);

} // namespace roe::message
