// A JSON object of the configuration file that is read key by key. What was not asked for is refused by name.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace host {

// Why the host does not start: one line that names the key.
struct ConfigurationRefused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Section {
  public:
    // `path` is how people find it: "Tenants.Items[0]"; empty for the whole file. Throws if it is not an
    // object.
    Section(const nlohmann::json &object, std::string path);

    [[nodiscard]] bool has(const std::string &key) const; // present and not null
    std::optional<std::string> text(const std::string &key);
    std::string required_text(const std::string &key);
    std::optional<bool> boolean(const std::string &key);
    std::optional<std::int64_t> integer(const std::string &key, std::int64_t least, std::int64_t most);
    std::optional<double> number(const std::string &key);
    std::optional<Section> section(const std::string &key);
    std::vector<Section> sections(const std::string &key); // an array of objects; empty when absent
    const nlohmann::json *any(const std::string &key);     // null when absent

    // Throws for the first key that nobody asked for.
    void refuse_unknown() const;

    [[noreturn]] void refuse(const std::string &key, const std::string &words) const;
    [[nodiscard]] std::string path_of(const std::string &key) const;
    [[nodiscard]] const nlohmann::json &json() const { return *object_; }

  private:
    const nlohmann::json *object_;
    std::string path_;
    std::set<std::string> known_;
};

} // namespace host
