// Times as text: RFC 3339 in UTC with milliseconds.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace roe {

std::string timestamp(WallTime time);

// Digits finer than milliseconds are cut off; empty when it is no such time.
std::optional<WallTime> read_timestamp(std::string_view text);

} // namespace roe
