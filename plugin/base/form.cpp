#include "base/form.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace roe {

namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

} // namespace

FormReader::FormReader(const nlohmann::json &form) : form_(form) {
    if (!form.is_object()) reject("", "must be a JSON object");
}

const nlohmann::json *FormReader::find(std::string_view field) {
    known_.emplace(field);
    if (!form_.is_object()) return nullptr;
    const auto at = form_.find(field);
    return at == form_.end() || at->is_null() ? nullptr : &*at;
}

std::optional<std::string> FormReader::any_text(std::string_view field, std::size_t longest) {
    const auto *value = find(field);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        reject(field, "must be text");
        return std::nullopt;
    }
    auto text = value->get<std::string>();
    if (text.size() > longest) {
        reject(field, "must not be longer than " + std::to_string(longest) + " bytes");
        return std::nullopt;
    }
    return text;
}

std::string FormReader::text(std::string_view field, std::string_view fallback, std::size_t longest) {
    const auto given = any_text(field, longest);
    if (!given) return std::string(fallback);
    if (std::any_of(given->begin(), given->end(), is_control)) {
        reject(field, "must not hold line breaks or other control characters");
        return {};
    }
    return trimmed(*given);
}

std::string FormReader::long_text(std::string_view field, std::size_t longest) {
    auto given = any_text(field, longest);
    if (given && given->find('\0') != std::string::npos) {
        reject(field, "must not hold a zero byte");
        return {};
    }
    return given ? std::move(*given) : std::string();
}

std::int64_t FormReader::number(std::string_view field, std::int64_t fallback, std::int64_t least,
                                std::int64_t most) {
    const auto *value = find(field);
    if (value == nullptr) return fallback;
    const bool in_range = value->is_number_integer() &&
                          !(value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) &&
                          value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most;
    if (in_range) return value->get<std::int64_t>();
    reject(field, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return fallback;
}

bool FormReader::flag(std::string_view field, bool fallback) {
    const auto *value = find(field);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->get<bool>();
    reject(field, "must be true or false");
    return fallback;
}

std::string FormReader::choice(std::string_view field, const std::vector<std::string_view> &choices) {
    const auto given = any_text(field, 100);
    if (!given) return std::string(choices.front());
    if (std::find(choices.begin(), choices.end(), *given) != choices.end()) return *given;
    std::string message = "must be one of";
    for (const auto &choice : choices)
        message.append(choice == choices.front() ? " " : ", ").append(choice);
    reject(field, std::move(message));
    return std::string(choices.front());
}

bool FormReader::absent(std::string_view field) const {
    if (!form_.is_object()) return true;
    const auto at = form_.find(field);
    return at == form_.end() || at->is_null();
}

bool FormReader::has(std::string_view field) const {
    return form_.is_object() && form_.contains(field);
}

void FormReader::ignore(std::string_view field) {
    known_.emplace(field);
}

void FormReader::reject(std::string_view field, std::string message) {
    errors_.push_back({std::string(field), std::move(message)});
}

FieldErrors FormReader::finish() {
    if (form_.is_object())
        for (const auto &[name, value] : form_.items())
            if (!known_.contains(name)) reject(name, "is not a field of this form");
    return std::move(errors_);
}

} // namespace roe
