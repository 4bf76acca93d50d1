// A body that came compressed by gzip (RFC 1952), unpacked as its bytes come in. However much a few bytes
// unpack to, no more is unpacked at a time than is asked for. [one thread]
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace roe::net {

class HttpUnpacker {
  public:
    HttpUnpacker();
    ~HttpUnpacker();
    HttpUnpacker(const HttpUnpacker &) = delete;
    HttpUnpacker &operator=(const HttpUnpacker &) = delete;

    // Takes from `packed` what it needs, and writes at most `size` bytes of what that unpacks to. 0: more must
    // come in first, or it is broken.
    std::size_t take(std::string_view &packed, char *to, std::size_t size);

    // It may end here. A body may be several such files, one after the other (RFC 1952 §2.2).
    [[nodiscard]] bool finished() const;
    [[nodiscard]] bool broken() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace roe::net
