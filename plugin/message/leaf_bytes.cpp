#include "message/leaf_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "message/file_position.hpp"

namespace roe::message {

Error spool_error(std::string doing, int error_number) {
    Error error;
    error.fault = Fault::storage;
    error.step = "fetch";
    error.doing = std::move(doing);
    error.server_text = std::generic_category().message(error_number);
    error.advice = "Check the space on the spool folder's disk and who may write there.";
    return error;
}

Result<void> stream_leaf(const Leaf &leaf, const PieceSink &sink) {
    constexpr std::int64_t piece_size = 64 << 10;
    if (!seek_to(leaf.file, leaf.begin)) return spool_error("reading the message from the spool", errno);
    TransferDecoder decoder(leaf.content.encoding);
    std::vector<char> buffer(piece_size);
    for (std::int64_t left = leaf.end - leaf.begin; left > 0;) {
        const auto wanted = static_cast<std::size_t>(std::min(left, piece_size));
        const std::size_t got = std::fread(buffer.data(), 1, wanted, leaf.file);
        if (got < wanted)
            return spool_error("reading the message from the spool", std::ferror(leaf.file) ? errno : EIO);
        left -= static_cast<std::int64_t>(got);
        const std::string decoded = decoder.decode({buffer.data(), got});
        if (decoded.empty()) continue;
        auto more = sink(decoded);
        if (!more) return more.error();
        if (!*more) return {};
    }
    if (const std::string rest = decoder.finish(); !rest.empty()) {
        if (auto more = sink(rest); !more) return more.error();
    }
    return {};
}

Result<Beginning> read_beginning(const Leaf &leaf, std::int64_t limit) {
    Beginning beginning;
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(limit, 0));
    auto read = stream_leaf(leaf, [&](std::string_view piece) -> Result<bool> {
        const std::size_t room = most - beginning.bytes.size();
        beginning.cut = piece.size() > room;
        beginning.bytes += piece.substr(0, room);
        return !beginning.cut;
    });
    if (!read) return read.error();
    return beginning;
}

} // namespace roe::message
