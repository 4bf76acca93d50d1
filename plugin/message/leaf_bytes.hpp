// The decoded bytes of a part, piece by piece from its file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

// Takes a piece; false when it wants no more.
using PieceSink = std::function<Result<bool>(std::string_view)>;

// Fails with Fault::storage, or as the sink does.
Result<void> stream_leaf(const Leaf &leaf, const PieceSink &sink);

// The beginning of the decoded bytes; `cut` tells whether there are more.
struct Beginning {
    std::string bytes;
    bool cut = false;
};
Result<Beginning> read_beginning(const Leaf &leaf, std::int64_t limit);

Error spool_error(std::string doing, int error_number);

} // namespace roe::message
