#include "message/text_layout.hpp"

#include <algorithm>

namespace roe::message {

namespace {

constexpr int most_empty_lines = 2;

}

void TextLayout::flush_gap() {
    if (text_.empty()) {
        lines_ = 0;
    } else if (lines_ > 0) {
        while (!text_.empty() && (text_.back() == ' ' || text_.back() == '\t'))
            text_.pop_back();
        text_.append(static_cast<std::size_t>(std::min(lines_, most_empty_lines + 1)), '\n');
    } else if (cell_) {
        text_ += '\t';
    } else if (space_) {
        text_ += ' ';
    }
    lines_ = 0;
    space_ = cell_ = false;
}

void TextLayout::put(char c) {
    flush_gap();
    text_ += c;
}

void TextLayout::add(std::string_view text) {
    constexpr std::string_view no_break_space = "\u00A0";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (text.substr(at).starts_with(no_break_space)) {
            put(' ');
            ++at;
        } else if (preformatted_ > 0 && c == '\n') {
            new_line();
        } else if (preformatted_ > 0 || (c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f')) {
            put(c);
        } else {
            space_ = lines_ == 0;
        }
    }
}

void TextLayout::new_line() {
    ++lines_;
    space_ = cell_ = false;
}

void TextLayout::break_line() {
    lines_ = std::max(lines_, 1);
    space_ = cell_ = false;
}

void TextLayout::break_paragraph() {
    lines_ = std::max(lines_, 2);
    space_ = cell_ = false;
}

void TextLayout::next_cell() {
    cell_ = lines_ == 0;
}

std::string TextLayout::text() const {
    const std::size_t end = text_.find_last_not_of(" \t\n");
    return end == std::string::npos ? std::string() : text_.substr(0, end + 1);
}

} // namespace roe::message
