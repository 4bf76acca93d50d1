// The body of an HTTP answer as its bytes come in: of known length, in chunks (RFC 9112 §7.1), or up to the end
// of the connection. Bounded. [pure]
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace roe::net {

class HttpBody {
  public:
    HttpBody(bool chunked, std::optional<std::size_t> length) : chunked_(chunked), length_(length) {}

    // Takes from `bytes` what belongs to the body. True: nothing more is needed, or it is broken.
    bool feed(std::string &bytes);
    // The connection ended, and that is all right.
    [[nodiscard]] bool may_end() const { return !chunked_ && !length_; }
    [[nodiscard]] bool broken() const { return broken_; }
    std::string take() { return std::move(body_); }

  private:
    bool feed_chunks(std::string &bytes);
    bool fail();

    bool chunked_;
    std::optional<std::size_t> length_;
    std::string body_;
    std::size_t chunk_left_ = 0;
    bool in_chunk_ = false; // its bytes, and the CR LF after them
    bool in_trailer_ = false;
    bool broken_ = false;
};

} // namespace roe::net
