// Places beyond 2 GB in a C stream, which standard C cannot name on every system.
#pragma once

#include <cstdint>
#include <cstdio>

namespace roe::message {

// False with errno set.
bool seek_to(std::FILE *file, std::int64_t offset);

} // namespace roe::message
