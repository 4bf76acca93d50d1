#include "jobs/job_folder.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "base/files.hpp"

namespace host {
namespace {

// Lines of "name value".
std::map<std::string, std::string, std::less<>> parse_lines(std::string_view text) {
    std::map<std::string, std::string, std::less<>> values;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto space = line.find(' ');
        if (space != std::string_view::npos) values.emplace(line.substr(0, space), line.substr(space + 1));
    }
    return values;
}

template <class Number>
std::optional<Number> number(const std::map<std::string, std::string, std::less<>> &values,
                             std::string_view name) {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    Number value{};
    const auto &text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

std::optional<Claim> parse_claim(std::string_view text) {
    const auto values = parse_lines(text);
    const auto pid = number<std::int64_t>(values, "pid");
    const auto start = number<std::uint64_t>(values, "start");
    const auto at = number<Micros>(values, "at");
    const auto boot = values.find("boot");
    if (!pid || !start || !at || boot == values.end()) return std::nullopt;
    return Claim{*pid, *start, boot->second, *at};
}

std::optional<JobResult> parse_result(std::string_view text) {
    const auto values = parse_lines(text);
    const auto at = number<Micros>(values, "at");
    if (!at) return std::nullopt;
    JobResult result{number<std::int64_t>(values, "exit"), number<std::int64_t>(values, "signal"), {}, *at};
    if (const auto error = values.find("error"); error != values.end()) result.error = error->second;
    if (!result.exit_code && !result.signal && result.error.empty()) return std::nullopt;
    return result;
}

std::optional<Claim> read_claim(const JobFolder &job) {
    const auto text = read_file(job.claim);
    return text ? parse_claim(*text) : std::nullopt;
}

bool is_claimed(const JobFolder &job) {
    return std::filesystem::exists(job.claim);
}

std::optional<JobResult> read_result(const JobFolder &job) {
    const auto text = read_file(job.result);
    return text ? parse_result(*text) : std::nullopt;
}

} // namespace host
