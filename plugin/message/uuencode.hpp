// Files that a text has between its lines, uuencoded as mail had them before MIME: "begin 644 name" ... "end"
// (POSIX uuencode). [one thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

// Whether a line of the part begins as an uuencoded file does: worth a closer look.
Result<bool> may_hold_uuencode(const Leaf &text);

// From the line "begin" to behind the line "end".
struct UuencodedFile {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::string name; // bytes as they stand there
};

// The whole ones from `begin` to before `end` of `file`, in order, at most `most`. What is broken is text.
// Fails with Fault::storage.
Result<std::vector<UuencodedFile>> find_uuencode(std::FILE *file, std::int64_t begin, std::int64_t end,
                                                 std::size_t most);

} // namespace roe::message
