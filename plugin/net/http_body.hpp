// The body of an HTTP answer as its bytes come in: of known length, in chunks (RFC 9112 §7.1), or up to the end
// of the connection. What frames it is bounded; how long it may be is for whoever reads it. [pure]
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace roe::net {

class HttpBody {
  public:
    // Up to the end of the connection, if neither.
    HttpBody(bool chunked, std::optional<std::uint64_t> length);

    // Takes from `unread` what belongs to the body, and writes at most `size` bytes of it. 0: more must come in
    // first, or it is finished or broken.
    std::size_t take(std::string_view &unread, char *to, std::size_t size);

    // All of it has been taken.
    [[nodiscard]] bool finished() const { return stage_ == Stage::finished; }
    [[nodiscard]] bool broken() const { return stage_ == Stage::broken; }
    // The end of the connection is its end.
    [[nodiscard]] bool may_end() const { return stage_ == Stage::endless; }

  private:
    enum class Stage : std::uint8_t { endless, counted, size, chunk, after_chunk, trailer, finished, broken };

    bool take_line(std::string_view &unread);
    void read_line();

    Stage stage_;
    std::uint64_t left_ = 0; // of the body or of its chunk
    std::string line_;       // what has come of it
    std::size_t trailer_bytes_ = 0;
};

} // namespace roe::net
