// C streams: they close themselves, and places beyond 2 GB can be named, which standard C cannot on every
// system.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace roe::message {

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); } // NOLINT(cppcoreguidelines-owning-memory)
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// A file in `folder` that has no name there and goes away when it is closed. Null with errno set.
File nameless_file(const std::string &folder);

// False with errno set.
bool seek_to(std::FILE *file, std::int64_t offset);

} // namespace roe::message
