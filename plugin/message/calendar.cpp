#include "message/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "message/charset.hpp"
#include "message/leaf_bytes.hpp"

namespace roe::message {

namespace {

constexpr std::int64_t read_of_a_calendar = 256 << 10;
constexpr std::size_t longest_value = 4096;

// "DTSTART;TZID=Europe/Moscow:20260301T120000"
struct ContentLine {
    std::string name;                              // in upper case
    std::map<std::string, std::string> parameters; // names in upper case
    std::string_view value;
};

// RFC 5545 3.1. Before the charset is undone, as folds stand within characters, too; NUL goes, as readers of
// JSON in C end a string there.
std::string without_folds(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const std::size_t next = at + (bytes.substr(at, 2) == "\r\n" ? 2 : 1);
        const bool fold = (bytes[at] == '\n' || next == at + 2) && next < bytes.size() &&
                          (bytes[next] == ' ' || bytes[next] == '\t');
        if (fold)
            at = next;
        else if (bytes[at] != '\0')
            text += bytes[at];
    }
    return text;
}

// Where one of `ends` stands outside of quotes, from `at` on.
std::size_t find_unquoted(std::string_view line, std::string_view ends, std::size_t at) {
    for (bool quoted = false; at < line.size(); ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (!quoted && ends.find(line[at]) != std::string_view::npos) return at;
    }
    return line.size();
}

ContentLine parse_line(std::string_view line) {
    ContentLine result;
    std::size_t at = find_unquoted(line, ";:", 0);
    result.name = upper(line.substr(0, at));
    while (at < line.size() && line[at] == ';') {
        const std::size_t end = find_unquoted(line, ";:", at + 1);
        const std::string_view parameter = line.substr(at + 1, end - at - 1);
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        std::string value(parameter.substr(std::min(equals + 1, parameter.size())));
        std::erase(value, '"');
        result.parameters.emplace(upper(parameter.substr(0, equals)), std::move(value));
        at = end;
    }
    result.value = trimmed(line.substr(std::min(at + 1, line.size())));
    return result;
}

std::string shortened_value(std::string_view value) {
    return std::string(unicode::beginning(value, longest_value));
}

// RFC 5545 3.3.11
std::string unescaped(std::string_view value) {
    std::string text;
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (value[at] == '\\' && at + 1 < value.size()) {
            ++at;
            text += lower(value[at]) == 'n' ? '\n' : value[at];
        } else {
            text += value[at];
        }
    }
    return shortened_value(text);
}

// The number of two or four digits that `value` has there, within bounds; empty when it has none.
std::optional<int> digits(std::string_view value, std::size_t at, std::size_t count, int least, int most) {
    int number = 0;
    if (at + count > value.size() || value[at] < '0' || value[at] > '9') return std::nullopt;
    const char *begin = value.data() + at;
    if (std::from_chars(begin, begin + count, number).ptr != begin + count) return std::nullopt;
    return number >= least && number <= most ? std::optional(number) : std::nullopt;
}

// "20260301", "20260301T093000" or "20260301T093000Z" with the signs that RFC 3339 has; empty for anything
// else.
std::string readable_time(std::string_view value) {
    constexpr std::size_t date_size = 8;
    constexpr std::size_t time_size = 15;
    if (!digits(value, 0, 4, 1, 9999) || !digits(value, 4, 2, 1, 12) || !digits(value, 6, 2, 1, 31)) return {};
    std::string text(value.substr(0, 4));
    text.append("-").append(value.substr(4, 2)).append("-").append(value.substr(6, 2));
    if (value.size() == date_size) return text;
    const bool is_time = value[date_size] == 'T' && digits(value, 9, 2, 0, 23) && digits(value, 11, 2, 0, 59) &&
                         digits(value, 13, 2, 0, 60);
    const std::string_view rest = value.substr(std::min(time_size, value.size()));
    if (!is_time || (!rest.empty() && rest != "Z")) return {};
    text.append("T").append(value.substr(9, 2)).append(":").append(value.substr(11, 2));
    return text.append(":").append(value.substr(13, 2)).append(rest);
}

Address organizer_of(const ContentLine &line) {
    constexpr std::string_view scheme = "mailto:";
    Address address;
    const auto name = line.parameters.find("CN");
    if (name != line.parameters.end()) address.name = shortened_value(name->second);
    std::string_view value = line.value;
    if (same_word(value.substr(0, scheme.size()), scheme)) value.remove_prefix(scheme.size());
    address.address = shortened_value(value);
    return address;
}

// Reads line by line; components within the entry, as its alarms, are passed over.
class CalendarReader {
  public:
    bool take(const ContentLine &line);
    [[nodiscard]] bool recognised() const { return recognised_; }
    Calendar result() { return std::move(calendar_); }

  private:
    static constexpr int in_calendar = 1;
    static constexpr int in_component = 2;

    void take_of_entry(const ContentLine &line);

    Calendar calendar_;
    bool recognised_ = false;
    bool in_entry_ = false;
    int depth_ = 0;
};

// False behind the first entry, when all is known.
bool CalendarReader::take(const ContentLine &line) {
    if (line.name == "BEGIN") {
        ++depth_;
        if (depth_ == in_calendar) recognised_ = recognised_ || same_word(line.value, "VCALENDAR");
        if (depth_ == in_component)
            in_entry_ = same_word(line.value, "VEVENT") || same_word(line.value, "VTODO");
    } else if (line.name == "END") {
        if (in_entry_ && depth_ == in_component) return false;
        if (depth_ > 0) --depth_;
    } else if (depth_ == in_calendar && line.name == "METHOD") {
        calendar_.method = upper(shortened_value(line.value));
    } else if (depth_ == in_component && in_entry_) {
        take_of_entry(line);
    }
    return true;
}

void CalendarReader::take_of_entry(const ContentLine &line) {
    if (line.name == "UID") {
        calendar_.uid = shortened_value(line.value);
    } else if (line.name == "SUMMARY") {
        calendar_.summary = unescaped(line.value);
    } else if (line.name == "DTSTART") {
        calendar_.start = readable_time(line.value);
        const auto zone = line.parameters.find("TZID");
        const bool local = calendar_.start.find('T') != std::string::npos && !calendar_.start.ends_with('Z');
        if (local && zone != line.parameters.end()) calendar_.time_zone = shortened_value(zone->second);
    } else if (line.name == "DTEND" || line.name == "DUE") {
        calendar_.end = readable_time(line.value);
    } else if (line.name == "ORGANIZER") {
        calendar_.organizer = organizer_of(line);
    }
}

bool is_calendar(const Leaf &leaf) {
    return leaf.content.is("text/calendar") || leaf.content.is("application/ics");
}

} // namespace

std::optional<Calendar> parse_calendar(std::string_view bytes, std::string_view charset) {
    const std::string whole = to_utf8(without_folds(bytes), charset).text;
    std::string_view text = whole;
    if (text.starts_with("\uFEFF")) text.remove_prefix(std::string_view("\uFEFF").size());
    CalendarReader reader;
    bool goes_on = true;
    while (goes_on && !text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        goes_on = reader.take(parse_line(trimmed(text.substr(0, end))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!reader.recognised()) return std::nullopt;
    return reader.result();
}

Result<std::optional<Calendar>> read_calendar(const std::vector<Leaf> &leaves) {
    const auto found = std::ranges::find_if(leaves, is_calendar);
    if (found == leaves.end()) return std::optional<Calendar>();
    const auto beginning = read_beginning(*found, read_of_a_calendar);
    if (!beginning) return beginning.error();
    return parse_calendar(beginning->bytes, found->content.charset);
}

} // namespace roe::message
