#include "net/http_body.hpp"

#include <algorithm>
#include <charconv>

namespace roe::net {

namespace {

constexpr std::size_t longest_body = 256U << 10U;
constexpr std::size_t longest_line = 1U << 10U;

} // namespace

bool HttpBody::feed(std::string &bytes) {
    if (chunked_) return feed_chunks(bytes);
    if (length_ && *length_ > longest_body) return fail();
    const std::size_t wanted = length_ ? *length_ - body_.size() : bytes.size();
    const std::size_t part = std::min(wanted, bytes.size());
    body_.append(bytes, 0, part);
    bytes.erase(0, part);
    if (body_.size() > longest_body) return fail();
    return length_ && body_.size() == *length_;
}

bool HttpBody::feed_chunks(std::string &bytes) {
    for (;;) {
        if (in_chunk_) {
            const std::size_t part = std::min(chunk_left_, bytes.size());
            body_.append(bytes, 0, part);
            bytes.erase(0, part);
            chunk_left_ -= part;
            if (chunk_left_ > 0 || bytes.size() < 2) return false;
            if (!bytes.starts_with("\r\n")) return fail();
            bytes.erase(0, 2);
            in_chunk_ = false;
        }
        const std::size_t end = bytes.find("\r\n");
        if (end == std::string::npos) return bytes.size() > longest_line ? fail() : false;
        const std::string line = bytes.substr(0, end);
        bytes.erase(0, end + 2);
        if (in_trailer_) {
            if (line.empty()) return true;
            continue;
        }
        const auto parsed = std::from_chars(line.data(), line.data() + line.size(), chunk_left_, 16);
        if (parsed.ec != std::errc{} || chunk_left_ > longest_body - body_.size()) return fail();
        in_chunk_ = chunk_left_ > 0;
        in_trailer_ = !in_chunk_;
    }
}

bool HttpBody::fail() {
    broken_ = true;
    return true;
}

} // namespace roe::net
