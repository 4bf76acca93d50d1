#include "base/times.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string_view>

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

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

std::optional<Micros> from_rfc3339(const std::string &text) {
    constexpr std::size_t longest = 64;
    // What Poco passes over: it takes a time without a zone, and reads on after letters.
    static constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
    if (text.size() <= shape.size() || text.size() > longest) return std::nullopt;
    for (std::size_t at = 0; at < shape.size(); ++at) {
        const bool digit = text[at] >= '0' && text[at] <= '9';
        if (shape[at] == 'd' ? !digit : text[at] != shape[at]) return std::nullopt;
    }
    Poco::DateTime time;
    int zone = 0; // seconds
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, text, time, zone))
        return std::nullopt;
    return time.timestamp().epochMicroseconds() - zone * micros_per_second;
}

} // namespace host
