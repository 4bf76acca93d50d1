#include "source/imap/internal_date.hpp"

#include <array>
#include <charconv>
#include <chrono>

#include "base/ascii.hpp"

namespace roe::imap {

namespace {

// Reads from the front of a text; once something did not fit, everything fails.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    int number(std::size_t least, std::size_t most) {
        std::size_t digits = 0;
        while (digits < most && digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9')
            ++digits;
        int value = 0;
        if (digits < least) {
            ok_ = false;
        } else {
            std::from_chars(rest_.data(), rest_.data() + digits, value);
            rest_.remove_prefix(digits);
        }
        return value;
    }

    void skip(char c) {
        if (!try_skip(c)) ok_ = false;
    }

    bool try_skip(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    unsigned month() {
        constexpr std::array<std::string_view, 12> names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
        const std::string_view word = rest_.substr(0, 3);
        for (unsigned i = 0; i < names.size(); ++i) {
            if (same_word(word, names[i])) {
                rest_.remove_prefix(3);
                return i + 1;
            }
        }
        ok_ = false;
        return 1;
    }

    [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

} // namespace

std::optional<WallTime> parse_internal_date(std::string_view text) {
    Reader reader(text);
    while (reader.try_skip(' ')) {
    }
    const int day = reader.number(1, 2);
    reader.skip('-');
    const unsigned month = reader.month();
    reader.skip('-');
    const int year = reader.number(4, 4);
    reader.skip(' ');
    const int hour = reader.number(1, 2);
    reader.skip(':');
    const int minute = reader.number(2, 2);
    reader.skip(':');
    const int second = reader.number(2, 2);
    reader.skip(' ');
    const bool west = reader.try_skip('-');
    if (!west) reader.skip('+');
    const int zone_hour = reader.number(2, 2);
    const int zone_minute = reader.number(2, 2);
    if (!reader.done()) return std::nullopt;

    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const std::chrono::minutes zone = std::chrono::hours{zone_hour} + std::chrono::minutes{zone_minute};
    const WallTime local = WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
                           std::chrono::minutes{minute} + std::chrono::seconds{second};
    return west ? local + zone : local - zone;
}

} // namespace roe::imap
