#include "message/authentication_results.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace roe::message {

namespace {

constexpr std::size_t longest_results = 64 << 10;
constexpr std::size_t most_results = 200;

bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// RFC 2045 §5.1: what a word without quotes may hold.
bool is_token_char(char c) {
    return c > ' ' && c < 0x7f && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

// RFC 5321 §4.1.2: Keyword, with the underscore that some servers put into names of properties.
bool is_keyword_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Walks over the field; every step moves on or says no.
class ResultsReader {
  public:
    explicit ResultsReader(std::string_view raw) : rest_(raw) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool is_at(char wanted) const { return rest_.starts_with(wanted); }
    [[nodiscard]] bool broken() const { return broken_; }

    bool skip(char wanted) {
        if (!is_at(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    // White space and comments, however deep these are nested; one that does not end breaks the field.
    void skip_blanks() {
        std::size_t depth = 0;
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '(')
                ++depth;
            else if (depth > 0 && c == ')')
                --depth;
            else if (depth > 0 && c == '\\' && rest_.size() > 1)
                rest_.remove_prefix(1);
            else if (depth == 0 && !is_white(c))
                return;
            rest_.remove_prefix(1);
        }
        if (depth > 0) broken_ = true;
    }

    std::string_view keyword() { return take_while(is_keyword_char); }

    // A token or a quoted string.
    std::string value() { return rest_.starts_with('"') ? quoted() : std::string(take_while(is_token_char)); }

    // The value of a property: an address with a quoted local part, too, and what some servers leave unquoted
    // that should not be ("header.b=a/b=").
    std::string property_value() {
        std::string text;
        while (!rest_.empty() && !broken_) {
            if (rest_.starts_with('"')) {
                text += quoted();
                continue;
            }
            const char c = rest_.front();
            if (is_white(c) || c == ';' || c == '(' || c == ')') break;
            text += c;
            rest_.remove_prefix(1);
        }
        return text;
    }

  private:
    template <class Predicate>
    std::string_view take_while(Predicate predicate) {
        const auto end = std::ranges::find_if_not(rest_, predicate);
        const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string quoted() {
        std::string text;
        rest_.remove_prefix(1);
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return text;
            if (c == '\\' && !rest_.empty()) {
                text += rest_.front();
                rest_.remove_prefix(1);
            } else if (c != '\r' && c != '\n') {
                text += c;
            }
        }
        broken_ = true;
        return text;
    }

    std::string_view rest_;
    bool broken_ = false;
};

// "1", after the authserv-id; nothing means the same.
bool read_version(ResultsReader &reader) {
    reader.skip_blanks();
    const std::string_view version = reader.keyword();
    reader.skip_blanks();
    return version.empty() || version == "1";
}

// "dkim/1=pass"; the word "none" alone means that nothing was looked into.
bool read_method(ResultsReader &reader, AuthenticationResult &result) {
    reader.skip_blanks();
    result.method = lower(reader.keyword());
    reader.skip_blanks();
    if (result.method == "none" && reader.at_end()) return true;
    if (reader.skip('/')) {
        reader.skip_blanks();
        if (reader.keyword() != "1") return false;
        reader.skip_blanks();
    }
    if (result.method.empty() || !reader.skip('=')) return false;
    reader.skip_blanks();
    result.result = lower(reader.keyword());
    return !result.result.empty();
}

// "smtp.mailfrom=ann@example.org", "reason=…", and words without a dot that are in no standard.
bool read_property(ResultsReader &reader, AuthenticationResult &result) {
    std::string name = lower(reader.keyword());
    reader.skip_blanks();
    if (reader.skip('.')) {
        reader.skip_blanks();
        name.append(".").append(lower(reader.keyword()));
        reader.skip_blanks();
    }
    if (name.empty() || !reader.skip('=')) return false;
    reader.skip_blanks();
    result.properties.push_back({std::move(name), reader.property_value()});
    reader.skip_blanks();
    return !reader.broken();
}

bool read_results(ResultsReader &reader, std::vector<AuthenticationResult> &results) {
    while (reader.skip(';')) {
        reader.skip_blanks();
        if (reader.at_end()) return !reader.broken(); // a semicolon too many, as some servers write it
        if (results.size() == most_results) return false;
        AuthenticationResult result;
        if (!read_method(reader, result)) return false;
        reader.skip_blanks();
        while (!reader.at_end() && !reader.is_at(';'))
            if (!read_property(reader, result)) return false;
        if (!result.result.empty()) results.push_back(std::move(result));
    }
    return reader.at_end() && !reader.broken();
}

} // namespace

std::string_view AuthenticationResult::property(std::string_view name) const {
    const auto found = std::ranges::find(properties, name, &Property::name);
    return found == properties.end() ? std::string_view() : std::string_view(found->value);
}

AuthenticationResults parse_authentication_results(std::string_view raw) {
    AuthenticationResults all;
    if (raw.size() > longest_results) return all;
    ResultsReader reader(raw);
    reader.skip_blanks();
    std::string id = reader.value();
    if (reader.broken()) return all;
    all.authserv_id = std::move(id);
    all.readable = !all.authserv_id.empty() && read_version(reader) && read_results(reader, all.results);
    if (!all.readable) all.results.clear();
    return all;
}

} // namespace roe::message
