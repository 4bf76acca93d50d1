#include "message/header_field.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "message/charset.hpp"
#include "message/encoded_word.hpp"

namespace roe::message {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string_view field_name(std::string_view line) {
    std::string_view name = line.substr(0, line.find(':'));
    while (!name.empty() && is_blank(name.back()))
        name.remove_suffix(1);
    return name;
}

// ISO-2022-JP is 7-bit and is sent raw, too.
bool is_iso_2022_jp(std::string_view raw) {
    return raw.find("\x1b$") != std::string_view::npos;
}

// RFC 6532 3: what is UTF-8 is meant so, whatever the body is in.
std::string as_utf8(std::string_view raw, std::string_view body_charset) {
    std::string line = unfolded(raw);
    return unicode::is_utf8(line) && !is_iso_2022_jp(line) ? line : to_utf8(line, body_charset).text;
}

std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return std::string(trimmed(text));
}

} // namespace

bool begins_field(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view name = field_name(line);
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool same_name(std::string_view a, std::string_view b) {
    return same_word(a, b);
}

std::vector<HeaderField> split_header(std::string_view block) {
    std::vector<HeaderField> fields;
    bool continues = false; // whether a folded line would belong to the last field
    for (std::size_t at = 0; at < block.size();) {
        const std::size_t end = std::min(block.find('\n', at), block.size() - 1) + 1;
        const std::string_view line = block.substr(at, end - at);
        at = end;
        if (without_line_end(line).empty()) break;
        if (is_blank(line.front())) {
            if (continues) {
                HeaderField &last = fields.back();
                last.raw = {last.raw.data(),
                            static_cast<std::size_t>(line.data() + line.size() - last.raw.data())};
            }
            continue;
        }
        continues = begins_field(line);
        if (continues) fields.push_back({field_name(line), line.substr(line.find(':') + 1)});
    }
    for (HeaderField &field : fields)
        field.raw = without_line_end(field.raw);
    return fields;
}

const HeaderField *find_field(const std::vector<HeaderField> &fields, std::string_view name) {
    const auto found =
        std::ranges::find_if(fields, [&](const HeaderField &f) { return same_name(f.name, name); });
    return found == fields.end() ? nullptr : &*found;
}

std::string unfolded(std::string_view raw) {
    std::string line;
    line.reserve(raw.size());
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const char c = raw[at];
        const bool line_end = c == '\n' || (c == '\r' && at + 1 < raw.size() && raw[at + 1] == '\n');
        if (line_end) continue;
        // ESC stays, as ISO-2022-JP is made of it.
        line += static_cast<unsigned char>(c) < 0x20 && c != 0x1B ? ' ' : c;
    }
    return std::string(trimmed(line));
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string decoded_text(std::string_view raw, std::string_view body_charset) {
    return one_line(decode_words(as_utf8(raw, body_charset)));
}

std::string in_plain_words(std::string_view raw, std::string_view body_charset) {
    return rewrite_words(as_utf8(raw, body_charset));
}

} // namespace roe::message
