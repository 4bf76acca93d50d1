#include "config/section.hpp"

#include <utility>

namespace host {

Section::Section(const nlohmann::json &object, std::string path) : object_(&object), path_(std::move(path)) {
    if (!object.is_object()) {
        throw ConfigurationRefused((path_.empty() ? "the configuration" : path_) + ": must be an object");
    }
}

bool Section::has(const std::string &key) const {
    const auto found = object_->find(key);
    return found != object_->end() && !found->is_null();
}

const nlohmann::json *Section::any(const std::string &key) {
    known_.insert(key);
    return has(key) ? &object_->at(key) : nullptr;
}

std::optional<std::string> Section::text(const std::string &key) {
    const auto *value = any(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) refuse(key, "must be text");
    return value->get<std::string>();
}

std::string Section::required_text(const std::string &key) {
    auto value = text(key);
    if (!value || value->empty()) refuse(key, "is required");
    return *std::move(value);
}

std::optional<bool> Section::boolean(const std::string &key) {
    const auto *value = any(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) refuse(key, "must be true or false");
    return value->get<bool>();
}

std::optional<std::int64_t> Section::integer(const std::string &key, std::int64_t least, std::int64_t most) {
    const auto *value = any(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_integer() || *value < least || *value > most) {
        refuse(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value->get<std::int64_t>();
}

std::optional<double> Section::number(const std::string &key) {
    const auto *value = any(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) refuse(key, "must be a number");
    return value->get<double>();
}

std::optional<Section> Section::section(const std::string &key) {
    const auto *value = any(key);
    if (value == nullptr) return std::nullopt;
    return Section(*value, path_of(key));
}

std::vector<Section> Section::sections(const std::string &key) {
    const auto *value = any(key);
    if (value == nullptr) return {};
    if (!value->is_array()) refuse(key, "must be a list");
    std::vector<Section> items;
    for (std::size_t index = 0; index < value->size(); ++index) {
        items.emplace_back((*value)[index], path_of(key) + "[" + std::to_string(index) + "]");
    }
    return items;
}

void Section::refuse_unknown() const {
    for (const auto &[key, value] : object_->items()) {
        if (!known_.contains(key)) {
            std::string words = path_of(key) + ": no such key; known here:";
            for (const auto &name : known_)
                words += " " + name;
            throw ConfigurationRefused(words);
        }
    }
}

void Section::refuse(const std::string &key, const std::string &words) const {
    throw ConfigurationRefused(path_of(key) + ": " + words);
}

std::string Section::path_of(const std::string &key) const {
    return path_.empty() ? key : path_ + "." + key;
}

} // namespace host
