// RTF as mail programs compress it (MS-OXRTFCP), undone from file to file. [one thread]
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>

#include "base/result.hpp"

namespace roe::message {

struct UnpackedRtf {
    std::int64_t size = 0;
    bool whole = true; // false: damaged or too large, and given as far as it goes
};

// Reads from `begin` to before `end` of `file` and appends to it at `place`, which is the file's end. Empty
// when this is no compressed RTF. Fails with Fault::storage.
Result<std::optional<UnpackedRtf>> unpack_rtf(std::FILE *file, std::int64_t begin, std::int64_t end,
                                              std::int64_t place);

} // namespace roe::message
