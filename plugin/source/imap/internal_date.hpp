// INTERNALDATE (RFC 9051 §9 date-time): "17-Jul-1996 02:44:25 -0700".
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace roe::imap {

// Empty for what is no date. A day of one digit, with or without its leading space, is accepted. [pure]
std::optional<WallTime> parse_internal_date(std::string_view text);

} // namespace roe::imap
