#include "base/times.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace host {

Micros wall_now() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string rfc3339(Micros at) {
    using namespace std::chrono;
    const sys_time<microseconds> time{microseconds{at}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 64> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02lld:%02lld:%02lld.%06lldZ", int{date.year()},
        unsigned{date.month()}, unsigned{date.day()}, static_cast<long long>(clock.hours().count()),
        static_cast<long long>(clock.minutes().count()), static_cast<long long>(clock.seconds().count()),
        static_cast<long long>(clock.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

} // namespace host
