// Reads the fields of a form that came in as JSON, and collects what is wrong with them.
//
// Absent and null fields take their defaults. Fields that nobody asked for are errors too: a misspelt switch
// must not be taken for its default. [one thread]
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/form_error.hpp"

namespace roe {

class FormReader {
  public:
    // `form` must outlive the reader.
    explicit FormReader(const nlohmann::json &form);

    // Text without control characters and surrounding blanks, valid UTF-8, of `longest` bytes at most.
    std::string text(std::string_view field, std::string_view fallback = {}, std::size_t longest = 2000);
    // The same with line breaks allowed and kept, for PEM and secrets.
    std::string long_text(std::string_view field, std::size_t longest = 100'000);
    std::int64_t number(std::string_view field, std::int64_t fallback, std::int64_t least, std::int64_t most);
    bool flag(std::string_view field, bool fallback);
    // One of `choices`; the first is the default.
    std::string choice(std::string_view field, const std::vector<std::string_view> &choices);

    // Null was given, or nothing.
    [[nodiscard]] bool absent(std::string_view field) const;
    [[nodiscard]] bool has(std::string_view field) const; // given, maybe as null
    void ignore(std::string_view field);                  // known, but not read here

    void reject(std::string_view field, std::string message);
    // Every error so far, and one for each field that was not read.
    FieldErrors finish();

  private:
    const nlohmann::json *find(std::string_view field);
    std::optional<std::string> any_text(std::string_view field, std::size_t longest);

    const nlohmann::json &form_;
    std::set<std::string, std::less<>> known_;
    FieldErrors errors_;
};

} // namespace roe
