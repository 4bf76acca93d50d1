#include "net/http_unpacker.hpp"

#include <algorithm>
#include <limits>
#include <new>

#include <zlib.h>

namespace roe::net {

namespace {

// zlib.h: the largest window, and gzip alone.
constexpr int gzip_window = MAX_WBITS + 16;

} // namespace

struct HttpUnpacker::State {
    State() {
        if (::inflateInit2(&stream, gzip_window) != Z_OK) throw std::bad_alloc();
    }
    ~State() { ::inflateEnd(&stream); }
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    std::size_t unpack(std::string_view &packed, char *to, std::size_t size);

    z_stream stream{};
    bool finished = true; // nothing is nothing
    bool broken = false;
};

HttpUnpacker::HttpUnpacker() : state_(std::make_unique<State>()) {}
HttpUnpacker::~HttpUnpacker() = default;

std::size_t HttpUnpacker::take(std::string_view &packed, char *to, std::size_t size) {
    std::size_t given = 0;
    do {
        if (finished() && !packed.empty()) ::inflateReset(&state_->stream);
        given = state_->unpack(packed, to, size);
    } while (given == 0 && !packed.empty() && !broken());
    return given;
}

std::size_t HttpUnpacker::State::unpack(std::string_view &packed, char *to, std::size_t size) {
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    const auto offered = static_cast<uInt>(std::min(packed.size(), most));
    const auto room = static_cast<uInt>(std::min(size, most));
    // It is only read: zlib.h takes no const pointer.
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(packed.data()));
    stream.avail_in = offered;
    stream.next_out = reinterpret_cast<Bytef *>(to);
    stream.avail_out = room;
    const int verdict = ::inflate(&stream, Z_NO_FLUSH);
    packed.remove_prefix(offered - stream.avail_in);
    // Z_BUF_ERROR: there was nothing to go on with.
    broken = verdict != Z_OK && verdict != Z_STREAM_END && verdict != Z_BUF_ERROR;
    if (offered > 0) finished = verdict == Z_STREAM_END;
    return room - stream.avail_out;
}

bool HttpUnpacker::finished() const {
    return state_->finished;
}

bool HttpUnpacker::broken() const {
    return state_->broken;
}

} // namespace roe::net
