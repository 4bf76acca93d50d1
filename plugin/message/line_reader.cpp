#include "message/line_reader.hpp"

#include <cstring>

namespace roe::message {

std::string_view Line::text() const {
    std::string_view text = bytes;
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
        if (text.ends_with('\r')) text.remove_suffix(1);
    }
    return text;
}

void LineReader::fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    end_ += std::fread(buffer_.data() + end_, 1, buffer_.size() - end_, file_);
}

bool LineReader::next(Line &line) {
    const auto find_end = [this] {
        return static_cast<const char *>(std::memchr(buffer_.data() + begin_, '\n', end_ - begin_));
    };
    const char *line_end = find_end();
    if (line_end == nullptr) {
        fill();
        line_end = find_end();
    }
    if (begin_ == end_) return false;
    std::size_t size = end_ - begin_;
    if (line_end != nullptr) {
        size = static_cast<std::size_t>(line_end - (buffer_.data() + begin_)) + 1;
    } else if (size > 1 && size == buffer_.size() && buffer_[end_ - 1] == '\r') {
        --size; // its line feed may follow
    }
    line = {{buffer_.data() + begin_, size}, offset_, at_line_start_, line_end != nullptr};
    at_line_start_ = line.ends;
    begin_ += size;
    offset_ += static_cast<std::int64_t>(size);
    return true;
}

} // namespace roe::message
