// Times as text: RFC 3339 in UTC with milliseconds.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace roe {

std::string timestamp(WallTime time);

} // namespace roe
