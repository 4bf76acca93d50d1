#include "net/http_body.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace roe::net {

namespace {

constexpr std::size_t longest_size_line = 1U << 10U;
constexpr std::size_t longest_trailer = 16U << 10U;

} // namespace

HttpBody::HttpBody(bool chunked, std::optional<std::uint64_t> length)
    : stage_(chunked          ? Stage::size
             : !length        ? Stage::endless
             : (*length == 0) ? Stage::finished
                              : Stage::counted),
      left_(length.value_or(0)) {}

std::size_t HttpBody::take(std::string_view &unread, char *to, std::size_t size) {
    std::size_t given = 0;
    while (!unread.empty() && !finished() && !broken()) {
        if (stage_ != Stage::endless && stage_ != Stage::counted && stage_ != Stage::chunk) {
            if (take_line(unread)) read_line();
            continue;
        }
        std::size_t part = std::min(unread.size(), size - given);
        if (stage_ != Stage::endless) part = static_cast<std::size_t>(std::min<std::uint64_t>(part, left_));
        if (part == 0) break;
        std::memcpy(to + given, unread.data(), part);
        unread.remove_prefix(part);
        given += part;
        if (stage_ == Stage::endless) continue;
        left_ -= part;
        if (left_ == 0) stage_ = stage_ == Stage::counted ? Stage::finished : Stage::after_chunk;
    }
    return given;
}

// False: the line has not come whole. A line feed alone ends it too, as Poco's servers and RFC 9112 §2.2 have
// it.
bool HttpBody::take_line(std::string_view &unread) {
    const std::size_t end = unread.find('\n');
    line_.append(unread.substr(0, end));
    unread.remove_prefix(end == std::string_view::npos ? unread.size() : end + 1);
    if (line_.size() > (stage_ == Stage::trailer ? longest_trailer : longest_size_line)) {
        stage_ = Stage::broken;
        return false;
    }
    if (end == std::string_view::npos) return false;
    if (line_.ends_with('\r')) line_.pop_back();
    return true;
}

void HttpBody::read_line() {
    if (stage_ == Stage::after_chunk) {
        stage_ = line_.empty() ? Stage::size : Stage::broken;
    } else if (stage_ == Stage::trailer) {
        trailer_bytes_ += line_.size();
        if (line_.empty())
            stage_ = Stage::finished;
        else if (trailer_bytes_ > longest_trailer)
            stage_ = Stage::broken;
    } else {
        const char *end = line_.data() + line_.size();
        const auto parsed = std::from_chars(line_.data(), end, left_, 16);
        const bool sized = parsed.ec == std::errc{} && (parsed.ptr == end || *parsed.ptr == ';' ||
                                                        *parsed.ptr == ' ' || *parsed.ptr == '\t');
        stage_ = !sized ? Stage::broken : left_ > 0 ? Stage::chunk : Stage::trailer;
    }
    line_.clear();
}

} // namespace roe::net
