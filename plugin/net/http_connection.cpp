#include "net/http_connection.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.hpp"

namespace roe::net {

namespace {

constexpr std::size_t longest_head = 64U << 10U;
// "100 Continue" and the like precede the answer (RFC 9110 §15.2).
constexpr int most_interim = 5;
// More than that is not read for nothing: a new connection is cheaper.
constexpr std::size_t longest_skipped = 256U << 10U;
constexpr std::size_t read_at_once = 16U << 10U;
// Compressed bytes that come to nothing could go on for ever.
constexpr std::size_t most_for_nothing = 256U << 10U;

// The end of the empty line that ends a head; npos: it has not come. Lines may end with a line feed alone.
std::size_t end_of_head(std::string_view text) {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (text.substr(at + 1).starts_with('\n')) return at + 2;
        if (text.substr(at + 1).starts_with("\r\n")) return at + 3;
    }
    return std::string_view::npos;
}

// Empty fields and several that agree are fine; what is no number, or two numbers, is not.
bool read_length(const HttpHead &head, std::optional<std::uint64_t> &length) {
    for (const auto &[name, value] : head.fields) {
        if (!same_word(name, "Content-Length")) continue;
        std::uint64_t number = 0;
        const char *end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, number);
        if (parsed.ec != std::errc{} || parsed.ptr != end || (length && *length != number)) return false;
        length = number;
    }
    return true;
}

} // namespace

HttpConnection::HttpConnection(std::shared_ptr<Stream> stream, std::string peer, const Clock &clock)
    : stream_(std::move(stream)), peer_(std::move(peer)), clock_(clock) {}

Result<void> HttpConnection::send(std::string_view request, SteadyTime deadline) {
    ready_ = false;
    silent_ = true;
    return stream_->write(request, deadline);
}

Result<HttpHead> HttpConnection::receive(SteadyTime deadline, To to, Coding coding) {
    for (int interim = 0;; ++interim) {
        auto text = read_head(deadline);
        if (!text) return std::move(text.error());
        auto head = read_http_head(*text, clock_.wall());
        if (!head) return error(Fault::protocol, "it does not answer as a web server does");
        if (head->status < 200) {
            if (interim == most_interim) return error(Fault::protocol, "it never comes to its answer");
            continue;
        }
        greeted_ = true;
        if (auto framed = frame(*head, to, coding); !framed) return std::move(framed.error());
        return std::move(*head);
    }
}

Result<std::string> HttpConnection::read_head(SteadyTime deadline) {
    for (;;) {
        if (const std::size_t end = end_of_head(unread_); end != std::string::npos) {
            std::string head = unread_.substr(0, end);
            unread_.erase(0, end);
            return head;
        }
        if (unread_.size() > longest_head) return error(Fault::protocol, "the head of its answer is too long");
        auto more = fill(deadline);
        if (!more) return std::move(more.error());
        if (!*more) return error(Fault::unreachable, "it closed the connection without an answer");
    }
}

// RFC 9112 §6.3
Result<bool> HttpConnection::frame(const HttpHead &head, To to, Coding coding) {
    std::optional<std::uint64_t> length;
    const bool tunnel = to == To::tunnel && head.status < 300;
    if (!read_length(head, length)) return error(Fault::protocol, "its answer has a length that is none");
    const std::string transfer = lower(head.field("Transfer-Encoding"));
    if (!transfer.empty() && transfer != "chunked" && transfer != "identity")
        return error(Fault::protocol, "its answer has a transfer coding that was not asked for");
    const std::string_view packing = head.field("Content-Encoding");
    const bool gzip = same_word(packing, "gzip") || same_word(packing, "x-gzip");
    if (!packing.empty() && !same_word(packing, "identity") && !(gzip && coding == Coding::gzip))
        return error(Fault::protocol, "its answer is compressed, which was not asked for");
    packed_.clear();
    unpacker_ = gzip ? std::make_unique<HttpUnpacker>() : nullptr;
    const bool chunked = transfer == "chunked";
    if (tunnel || head.status == 204 || head.status == 304)
        body_ = HttpBody(false, 0);
    else
        body_ = HttpBody(chunked, chunked ? std::nullopt : length);
    // Two lengths for one body: the chunks count, but nothing that follows them is trusted.
    kept_ = head.kept && !(chunked && length);
    ready_ = body_.finished() && kept_ && unread_.empty();
    return true;
}

Result<std::size_t> HttpConnection::read(char *to, std::size_t size, SteadyTime deadline) {
    return unpacker_ ? read_unpacked(to, size, deadline) : read_raw(to, size, deadline);
}

Result<std::size_t> HttpConnection::read_unpacked(char *to, std::size_t size, SteadyTime deadline) {
    if (size == 0) return std::size_t{0};
    for (std::size_t for_nothing = 0; for_nothing <= most_for_nothing; for_nothing += packed_.size()) {
        std::string_view packed = packed_;
        const std::size_t given = unpacker_->take(packed, to, size);
        packed_.erase(0, packed_.size() - packed.size());
        if (given > 0) return given;
        if (unpacker_->broken()) break;
        packed_.resize(read_at_once);
        auto more = read_raw(packed_.data(), packed_.size(), deadline);
        packed_.resize(more ? *more : 0);
        if (!more) return more;
        if (*more > 0) continue;
        if (!unpacker_->finished())
            return error(Fault::unreachable, "its compressed answer ends in the middle");
        // Its window is large, the connection may be kept long, and there may be thousands.
        unpacker_.reset();
        std::string().swap(packed_);
        return std::size_t{0};
    }
    return error(Fault::protocol, "its answer is not well compressed");
}

Result<std::size_t> HttpConnection::read_raw(char *to, std::size_t size, SteadyTime deadline) {
    if (size == 0) return std::size_t{0};
    for (;;) {
        std::string_view unread = unread_;
        const std::size_t taken = body_.take(unread, to, size);
        unread_.erase(0, unread_.size() - unread.size());
        if (body_.finished()) ready_ = kept_ && unread_.empty();
        if (taken > 0 || body_.finished()) return taken;
        if (body_.broken()) return error(Fault::protocol, "its answer is not well formed");
        auto more = fill(deadline);
        if (!more) return std::move(more.error());
        if (*more) continue;
        if (!body_.may_end())
            return error(Fault::unreachable, "it closed the connection in the middle of its answer");
        body_ = HttpBody(false, 0);
        kept_ = false;
        return std::size_t{0};
    }
}

bool HttpConnection::skip(SteadyTime deadline) {
    std::array<char, 4096> nowhere{};
    for (std::size_t skipped = 0; skipped <= longest_skipped;) {
        const auto part = read(nowhere.data(), nowhere.size(), deadline);
        if (!part) return false;
        if (*part == 0) return ready_;
        skipped += *part;
    }
    return false;
}

bool HttpConnection::lapsed() {
    if (!unread_.empty()) return true;
    const auto more = fill(SteadyTime());
    return more.ok() || more.error().fault != Fault::timed_out;
}

bool HttpConnection::pending() const {
    return !packed_.empty() || !unread_.empty() || stream_->pending();
}

// False: the server has closed.
Result<bool> HttpConnection::fill(SteadyTime deadline) {
    const std::size_t before = unread_.size();
    unread_.resize(before + read_at_once);
    auto got = stream_->read(unread_.data() + before, read_at_once, deadline);
    unread_.resize(before + (got ? *got : 0));
    if (!got) {
        // A parked answer is waited for long, and there may be thousands.
        if (unread_.empty()) std::string().swap(unread_);
        return std::move(got.error());
    }
    if (*got > 0) silent_ = false;
    return *got > 0;
}

Error HttpConnection::error(Fault fault, std::string words) const {
    return Error{.fault = fault,
                 .step = "connect",
                 .doing = "reading the answer of " + peer_,
                 .server_text = std::move(words),
                 .advice = ""};
}

} // namespace roe::net
