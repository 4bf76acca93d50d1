// Parts that hold parts in a format of their own (TNEF, uuencoded files in a text) give way to what they hold.
#pragma once

#include <string>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

// Bytes that lie encoded in the message are written to a file in `folder` that has no name and goes away with
// the outline. A part that can't be read whole stays beside what could be read of it, with a warning. Fails
// with Fault::storage.
Result<void> unpack(Outline &outline, const std::string &folder, const Limits &limits);

} // namespace roe::message
