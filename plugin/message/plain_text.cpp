#include "message/plain_text.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "message/charset.hpp"

namespace roe::message {

namespace {

// CRLF and CR become LF, NUL goes: readers of JSON in C end a string there.
std::string with_plain_line_ends(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\r') {
            plain += '\n';
            if (at + 1 < text.size() && text[at + 1] == '\n') ++at;
        } else if (c != '\0') {
            plain += c;
        }
    }
    return plain;
}

std::size_t find_ignoring_case(std::string_view text, std::string_view wanted) {
    const auto *found = std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                                    [](char a, char b) { return lower(a) == lower(b); });
    return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

// One line of flowed text, taken apart (RFC 3676 4.1).
struct FlowedLine {
    std::size_t quotes = 0;
    std::string_view text;
    bool flows = false;
};

FlowedLine flowed_line(std::string_view line) {
    FlowedLine result;
    while (result.quotes < line.size() && line[result.quotes] == '>')
        ++result.quotes;
    line.remove_prefix(result.quotes);
    if (line.starts_with(' ')) line.remove_prefix(1); // space-stuffing, 4.4
    result.text = line;
    result.flows = line.ends_with(' ') && line != "-- "; // a signature's separator never flows, 4.3
    return result;
}

} // namespace

std::string_view meta_charset(std::string_view html) {
    constexpr std::size_t looked_at = 4096; // WHATWG HTML 13.2.3.2 prescans 1024; mail has long heads
    constexpr std::string_view key = "charset=";
    html = html.substr(0, looked_at);
    const std::size_t meta = find_ignoring_case(html, "<meta");
    if (meta == std::string_view::npos) return {};
    html.remove_prefix(meta);
    const std::size_t at = find_ignoring_case(html, key);
    if (at == std::string_view::npos) return {};
    html.remove_prefix(at + key.size());
    html.remove_prefix(std::min(html.find_first_not_of(" \t\"'"), html.size()));
    return html.substr(0, html.find_first_of(" \t\r\n\"'/>;"));
}

std::string unflowed(std::string_view text, bool delete_spaces) {
    std::string result;
    result.reserve(text.size());
    bool open = false; // the last line flows on
    std::size_t quotes = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        FlowedLine line = flowed_line(text.substr(at, end - at));
        at = end + 1;
        if (open && line.quotes != quotes) { // 4.5: a change of quoting ends a paragraph
            result += '\n';
            open = false;
        }
        if (!open && line.quotes > 0) result.append(line.quotes, '>') += ' ';
        quotes = line.quotes;
        open = line.flows;
        if (line.flows && delete_spaces) line.text.remove_suffix(1);
        result += line.text;
        if (!open && end < text.size()) result += '\n';
    }
    return result;
}

Text read_text(std::string_view bytes, const ContentFields &content) {
    std::string_view charset = content.charset;
    if (charset.empty() && content.is("text/html")) charset = meta_charset(bytes);
    Converted converted = to_utf8(bytes, charset);
    Text text{with_plain_line_ends(converted.text), converted.guessed, converted.damaged};
    if (content.flowed && !content.is("text/html")) text.text = unflowed(text.text, content.delete_spaces);
    return text;
}

} // namespace roe::message
