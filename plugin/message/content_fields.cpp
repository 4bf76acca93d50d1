#include "message/content_fields.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "message/charset.hpp"
#include "message/encoded_word.hpp"

namespace roe::message {

namespace {

// Longer values are no parameters of a part but an attempt to make us work.
constexpr std::size_t longest_field = 32 << 10;
constexpr int most_sections = 1000; // of one parameter, RFC 2231 3

// Walks over a field's value; every step moves on.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
    [[nodiscard]] char peek() const { return text_[at_]; }

    bool skip(char c) {
        if (at_end() || peek() != c) return false;
        ++at_;
        return true;
    }

    void skip_blanks_and_comments() {
        int depth = 0;
        for (; !at_end(); ++at_) {
            const char c = peek();
            if (c == '(')
                ++depth;
            else if (c == ')' && depth > 0)
                --depth;
            else if (c == '\\' && depth > 0)
                ++at_;
            else if (depth == 0 && c != ' ' && c != '\t')
                return;
        }
    }

    std::string_view until(std::string_view ends) {
        const std::size_t start = at_;
        at_ = std::min(text_.find_first_of(ends, at_), text_.size());
        return trimmed(text_.substr(start, at_ - start));
    }

    // A quoted string without its quotes; one that is never closed goes to the end.
    std::string quoted() {
        std::string value;
        for (++at_; !at_end() && peek() != '"'; ++at_) {
            // Only " and \ are escaped: senders write Windows paths unescaped.
            const bool escape =
                peek() == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
            if (escape) ++at_;
            value += peek();
        }
        skip('"');
        return value;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

// name*2*=value: a section of a parameter that was cut up, percent-encoded or not.
struct Section {
    int number = 0;
    bool encoded = false;
    std::string value;
};

struct Name {
    std::string base;
    int section = -1; // -1: the parameter is not cut up
    bool encoded = false;
};

Name parse_name(std::string_view written) {
    Name name;
    if (written.ends_with('*')) {
        name.encoded = true;
        written.remove_suffix(1);
    }
    if (const auto star = written.find('*'); star != std::string_view::npos) {
        const std::string_view digits = written.substr(star + 1);
        int number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        const bool good = error == std::errc() && end == digits.data() + digits.size();
        if (good && number >= 0 && number < most_sections) name.section = number;
        written = written.substr(0, star);
    }
    name.base = lower(trimmed(written));
    return name;
}

std::string percent_decoded(std::string_view text) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned value = 0;
        const char *digits = text.data() + at + 1;
        if (text[at] == '%' && at + 2 < text.size() &&
            std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
            bytes += static_cast<char>(static_cast<unsigned char>(value));
            at += 2;
        } else {
            bytes += text[at];
        }
    }
    return bytes;
}

// charset'language'text, as the first section of an encoded parameter has it (RFC 2231 4).
std::string take_charset(std::string &value) {
    const auto first = value.find('\'');
    const auto second = first == std::string::npos ? first : value.find('\'', first + 1);
    if (second == std::string::npos) return {};
    std::string charset = value.substr(0, first);
    value.erase(0, second + 1);
    return charset;
}

std::string joined(std::vector<Section> sections) {
    std::ranges::stable_sort(sections, {}, &Section::number);
    const std::string charset = sections.front().encoded ? take_charset(sections.front().value) : std::string();
    std::string bytes;
    for (const Section &section : sections) {
        bytes += section.encoded ? percent_decoded(section.value) : section.value;
    }
    std::string text = to_utf8(bytes, charset).text;
    return charset.empty() ? decode_words(text) : text;
}

} // namespace

Parameterized parse_parameterized(std::string_view raw, std::string_view body_charset) {
    std::string line = unfolded(raw.substr(0, longest_field));
    if (!unicode::is_ascii(line)) line = to_utf8(line, body_charset).text;
    Cursor cursor(line);
    Parameterized result;
    cursor.skip_blanks_and_comments();
    if (!cursor.at_end() && cursor.peek() == '"')
        result.value = lower(cursor.quoted());
    else
        result.value = lower(cursor.until(";("));
    std::map<std::string, std::vector<Section>> cut_up;
    while (!cursor.at_end()) {
        cursor.until(";");
        cursor.skip(';');
        cursor.skip_blanks_and_comments();
        const std::string_view written = cursor.until("=;");
        if (!cursor.skip('=')) continue;
        cursor.skip_blanks_and_comments();
        const bool is_quoted = !cursor.at_end() && cursor.peek() == '"';
        std::string value = is_quoted ? cursor.quoted() : std::string(cursor.until(";"));
        const Name name = parse_name(written);
        if (name.base.empty()) continue;
        if (name.section >= 0) {
            cut_up[name.base].push_back({name.section, name.encoded, std::move(value)});
        } else if (name.encoded) {
            // RFC 6266 4.3: the encoded form wins over the plain one beside it.
            result.parameters[name.base] = joined({{0, true, std::move(value)}});
        } else {
            result.parameters.try_emplace(name.base, decode_words(value));
        }
    }
    for (auto &[name, sections] : cut_up)
        result.parameters[name] = joined(std::move(sections));
    return result;
}

bool is_media_type(std::string_view value) {
    const auto slash = value.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < value.size() &&
           std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool ContentFields::is_message() const {
    return is("message/rfc822") || is("message/rfc2822") || is("message/global") || is("message/news");
}

namespace {

std::string parameter(const Parameterized &field, const std::string &name) {
    const auto found = field.parameters.find(name);
    return found == field.parameters.end() ? std::string() : found->second;
}

std::string without_brackets(std::string_view value) {
    value = trimmed(value);
    if (value.starts_with('<')) value.remove_prefix(1);
    return std::string(value.substr(0, value.find('>')));
}

void read_type(ContentFields &content, std::string_view raw) {
    const Parameterized field = parse_parameterized(raw, {});
    if (is_media_type(field.value)) {
        content.type = field.value;
        content.type_given = true;
    }
    content.charset = parameter(field, "charset");
    content.boundary = parameter(field, "boundary");
    content.flowed = lower(parameter(field, "format")) == "flowed";
    content.delete_spaces = lower(parameter(field, "delsp")) == "yes";
    content.protocol = parameter(field, "protocol");
    content.smime_type = parameter(field, "smime-type");
    content.name = parameter(field, "name");
}

} // namespace

ContentFields read_content_fields(const std::vector<HeaderField> &fields) {
    ContentFields content;
    if (const auto *type = find_field(fields, "Content-Type")) read_type(content, type->raw);
    if (const auto *disposition = find_field(fields, "Content-Disposition")) {
        const Parameterized field = parse_parameterized(disposition->raw, content.charset);
        // RFC 2183 2.8: what we do not know is an attachment.
        content.disposition = field.value == "inline" || field.value.empty() ? field.value : "attachment";
        if (auto name = parameter(field, "filename"); !name.empty()) content.name = std::move(name);
    }
    if (const auto *encoding = find_field(fields, "Content-Transfer-Encoding")) {
        content.encoding = transfer_encoding(unfolded(encoding->raw));
    }
    if (const auto *id = find_field(fields, "Content-ID")) {
        content.content_id = without_brackets(decoded_text(id->raw, {}));
    }
    std::erase(content.name, '\0');
    content.name = std::string(trimmed(content.name));
    return content;
}

} // namespace roe::message
