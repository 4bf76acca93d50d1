#include "source/pop3/lexer.hpp"

#include <algorithm>

namespace roe::pop3 {

void Lexer::feed(std::string_view bytes) {
    line_ = piece_ = {};
    buffer_.erase(0, at_);
    scanned_ = std::max(scanned_, at_) - at_;
    at_ = 0;
    buffer_ += bytes;
}

void Lexer::rest() {
    if (unread() > 0) return;
    buffer_ = {};
    at_ = scanned_ = 0;
    line_ = piece_ = {};
}

Lexer::Line Lexer::next_line() {
    const std::size_t end = buffer_.find('\n', std::max(at_, scanned_));
    if (end == std::string::npos) {
        scanned_ = buffer_.size();
        return unread() > line_bytes_ ? Line::too_long : Line::need_more;
    }
    if (end - at_ > line_bytes_) return Line::too_long;
    crlf_ = end > at_ && buffer_[end - 1] == '\r';
    line_ = std::string_view(buffer_).substr(at_, end - at_ - (crlf_ ? 1 : 0));
    at_ = end + 1;
    return Line::whole;
}

void Lexer::begin_content() {
    at_line_start_ = true;
    after_cr_ = false;
}

// A lone LF is no end of a line where lines end with CR LF: the server has put no dot before one that follows
// it, and a mail may hold "\n.\n" to end itself and be followed by answers of its author's making.
bool Lexer::ends_line(std::size_t line_feed, std::size_t begin) const {
    if (!crlf_) return true;
    return line_feed > begin ? buffer_[line_feed - 1] == '\r' : after_cr_;
}

Lexer::Content Lexer::next_content() {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (rest.empty()) return Content::need_more;
    if (at_line_start_) {
        const std::string_view last = crlf_ ? ".\r\n" : ".\n";
        if (rest.starts_with(last)) {
            at_ += last.size();
            return Content::end;
        }
        if (last.starts_with(rest)) return Content::need_more;
        if (rest.front() == '.') ++at_;
        at_line_start_ = false;
        after_cr_ = false;
    }
    std::size_t end = at_;
    while (!at_line_start_ && end < buffer_.size()) {
        const std::size_t line_feed = buffer_.find('\n', end);
        if (line_feed == std::string::npos) {
            end = buffer_.size();
            break;
        }
        end = line_feed + 1;
        at_line_start_ = ends_line(line_feed, at_) && (end == buffer_.size() || buffer_[end] == '.');
    }
    if (end == at_) return Content::need_more;
    piece_ = std::string_view(buffer_).substr(at_, end - at_);
    after_cr_ = piece_.back() == '\r';
    at_ = end;
    return Content::piece;
}

} // namespace roe::pop3
