// Times as documents and people's programs read them. [any thread]
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "base/clock.hpp"

namespace roe {

// "2026-03-01T09:30:00Z", with milliseconds where there are any. For the years 0 to 9999, which RFC 3339 can
// say.
inline std::string rfc3339(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(floor<milliseconds>(time - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    std::string result = text.data();
    if (const auto fraction = clock.subseconds().count(); fraction != 0) {
        std::snprintf(text.data(), text.size(), ".%03d", static_cast<int>(fraction));
        result += text.data();
    }
    return result + "Z";
}

} // namespace roe
