// Moments as the host stores and shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace host {

// Microseconds since 1970-01-01 UTC: fine enough to measure the start of a job by.
using Micros = std::int64_t;

inline constexpr Micros micros_per_second = 1'000'000;
inline constexpr Micros micros_per_minute = 60 * micros_per_second;

Micros wall_now();

// "2024-05-06T07:08:09.123456Z": always six digits, so that times sort as text.
std::string rfc3339(Micros at);

// Of such a text, with any time zone and as many digits as there are; empty: it is none.
std::optional<Micros> from_rfc3339(const std::string &text);

} // namespace host
