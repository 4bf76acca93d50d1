#include "message/file_window.hpp"

#include <algorithm>

#include "message/file_position.hpp"

namespace roe::message {

// `size` bytes or what is left of them, without taking them.
std::string_view FileWindow::peek(std::size_t size) {
    size = std::min({size, buffer_.size(), static_cast<std::size_t>(std::max<std::int64_t>(left(), 0))});
    if (size == 0) return {};
    const bool there = at_ >= buffer_at_ && at_ - buffer_at_ + static_cast<std::int64_t>(size) <=
                                                static_cast<std::int64_t>(buffered_);
    if (!there) {
        buffer_at_ = at_;
        buffered_ = 0;
        if (seek_to(file_, at_)) buffered_ = std::fread(buffer_.data(), 1, buffer_.size(), file_);
        failed_ = failed_ || buffered_ < size;
    }
    const auto offset = static_cast<std::size_t>(at_ - buffer_at_);
    return {buffer_.data() + offset, std::min(size, buffered_ - offset)};
}

std::string_view FileWindow::take(std::int64_t size) {
    const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(size, 0, buffer_size));
    const std::string_view bytes = peek(most);
    at_ += static_cast<std::int64_t>(bytes.size());
    return bytes;
}

} // namespace roe::message
