#include "provider/spoken.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <nlohmann/json.hpp>

#include "language/catalogue.hpp"

namespace roe::provider {

using nlohmann::json;

namespace {

// Members that hold words of ours. Others hold what people and servers have written: subjects, names,
// addresses.
constexpr std::array<std::string_view, 11> words_of_ours{
    "advice", "detail", "doing", "error", "hint", "message", "mode", "reason", "serverText", "text", "words"};

bool holds_words(const std::string &member) {
    return std::ranges::find(words_of_ours, member) != words_of_ours.end();
}

} // namespace

orch::sdk::Outcome<json> Spoken::translate(std::string_view locale, const json &said) {
    json result = said;
    if (!locale.starts_with("ru")) return result;
    std::vector<json *> open{&result};
    while (!open.empty()) {
        json &value = *open.back();
        open.pop_back();
        if (value.is_array())
            for (auto &each : value)
                open.push_back(&each);
        if (!value.is_object()) continue;
        for (const auto &[member, inner] : value.items()) {
            if (inner.is_structured())
                open.push_back(&inner);
            else if (inner.is_string() && holds_words(member))
                inner = language::russian().translate(inner.get_ref<const std::string &>());
        }
    }
    return result;
}

} // namespace roe::provider
