#include "source/pop3/capabilities.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"

namespace roe::pop3 {

namespace {

constexpr std::size_t most_lines = 200;
constexpr std::size_t most_arguments = 50;
constexpr std::chrono::seconds longest_delay = std::chrono::hours(1);

} // namespace

void Capabilities::add(std::string_view line) {
    std::vector<std::string> words;
    while (words.size() <= most_arguments) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.empty()) break;
        const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
        words.push_back(upper(line.substr(0, end)));
        line.remove_prefix(end);
    }
    if (words.empty() || lines_.size() >= most_lines) return;
    std::string name = std::move(words.front());
    words.erase(words.begin());
    // "SASL=PLAIN LOGIN" and "AUTH PLAIN LOGIN" have been seen for "SASL PLAIN LOGIN".
    if (const std::size_t equals = name.find('='); equals != std::string::npos && equals > 0) {
        words.insert(words.begin(), name.substr(equals + 1));
        name.resize(equals);
    }
    if (name == "AUTH") name = "SASL";
    auto &arguments = lines_[name];
    arguments.insert(arguments.end(), words.begin(), words.end());
}

bool Capabilities::has_mechanism(std::string_view name) const {
    const auto sasl = lines_.find("SASL");
    return sasl != lines_.end() && std::ranges::find(sasl->second, upper(name)) != sasl->second.end();
}

std::string Capabilities::mechanisms() const {
    std::string names;
    if (const auto sasl = lines_.find("SASL"); sasl != lines_.end())
        for (const std::string &name : sasl->second)
            names += (names.empty() ? "" : ", ") + name;
    return names;
}

std::chrono::seconds Capabilities::login_delay() const {
    const auto delay = lines_.find("LOGIN-DELAY");
    if (delay == lines_.end() || delay->second.empty()) return {};
    const std::string &words = delay->second.front();
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(words.data(), words.data() + words.size(), seconds);
    if (parsed.ec != std::errc{} || seconds < 0) return {};
    return std::min(std::chrono::seconds(seconds), longest_delay);
}

} // namespace roe::pop3
