#include "scripted_stream.hpp"

#include <algorithm>
#include <cstring>

namespace roe::replay {

namespace {

Error fault(Fault kind, std::string doing, std::string text = {}) {
    return {.fault = kind,
            .step = "net",
            .doing = std::move(doing),
            .server_text = std::move(text),
            .advice = {},
            .retry_after = {}};
}

class ScriptedStream final : public net::Stream {
  public:
    explicit ScriptedStream(std::shared_ptr<Script> script) : script_(std::move(script)) {}

    Result<std::size_t> read(char *to, std::size_t size, SteadyTime) override {
        if (closed_) return fault(Fault::cancelled, "reading");
        return script_->read(to, size);
    }
    Result<void> write(std::string_view bytes, SteadyTime) override {
        if (closed_) return fault(Fault::cancelled, "writing");
        return script_->write(bytes);
    }
    Result<net::TlsFacts> start_tls(const std::string &, const net::Trust &, SteadyTime) override {
        auto facts = script_->handshake();
        encrypted_ = facts.ok();
        return facts;
    }
    [[nodiscard]] bool encrypted() const override { return encrypted_; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return closed_ ? -1 : 7; }
    void cancel() override { closed_ = true; }
    void close() override { closed_ = true; }

  private:
    std::shared_ptr<Script> script_;
    bool encrypted_ = false;
    bool closed_ = false;
};

} // namespace

void Script::extend(std::span<const Wire> wire) {
    // What the client has not read yet of the last exchange it may read whenever it likes.
    for (const Wire &left : wire_)
        late_ += left.bytes;
    wire_.assign(wire.begin(), wire.end());
}

std::string Script::rest() const {
    const auto wanted = std::ranges::find_if(wire_, [](const Wire &wire) {
        return wire.kind != Wire::Kind::server && wire.kind != Wire::Kind::close;
    });
    return wanted == wire_.end() ? std::string() : "the script goes on with: " + wanted->bytes;
}

bool Script::connect() {
    if (wire_.empty() || wire_.front().kind != Wire::Kind::connect) {
        disagree("an unexpected connection");
        return false;
    }
    wire_.pop_front();
    return true;
}

Result<std::size_t> Script::read(char *to, std::size_t size) {
    const std::size_t most = std::min(size, piece_);
    std::size_t given = std::min(most, late_.size());
    std::memcpy(to, late_.data(), given);
    late_.erase(0, given);
    if (given == 0 && !wire_.empty() && wire_.front().kind == Wire::Kind::close) return std::size_t{0};
    while (given < most && !wire_.empty() && wire_.front().kind == Wire::Kind::server) {
        std::string &bytes = wire_.front().bytes;
        const std::size_t part = std::min(most - given, bytes.size());
        std::memcpy(to + given, bytes.data(), part);
        given += part;
        bytes.erase(0, part);
        if (bytes.empty()) wire_.pop_front();
    }
    if (given == 0) return fault(Fault::timed_out, "reading");
    return given;
}

Result<void> Script::write(std::string_view bytes) {
    while (!bytes.empty()) {
        if (wire_.empty() || wire_.front().kind != Wire::Kind::client)
            return disagree("sent " + std::string(bytes));
        std::string &expected = wire_.front().bytes;
        const std::size_t part = std::min(expected.size(), bytes.size());
        if (bytes.substr(0, part) != std::string_view(expected).substr(0, part)) {
            return disagree("sent " + std::string(bytes) + "instead of " + expected);
        }
        bytes.remove_prefix(part);
        expected.erase(0, part);
        if (expected.empty()) wire_.pop_front();
    }
    return {};
}

Result<net::TlsFacts> Script::handshake() {
    if (!wire_.empty() && wire_.front().kind == Wire::Kind::failed_handshake) {
        const std::string text = wire_.front().bytes;
        wire_.pop_front();
        return fault(Fault::tls, "the TLS handshake", text);
    }
    if (wire_.empty() || wire_.front().kind != Wire::Kind::handshake)
        return disagree("an unexpected handshake");
    wire_.pop_front();
    return net::TlsFacts{.protocol = "TLSv1.3", .cipher = {}, .certificate = {}, .above = {}};
}

Error Script::disagree(const std::string &what) {
    if (disagreement_.empty()) disagreement_ = "the client " + what;
    wire_.clear();
    return fault(Fault::unreachable, "the script was left");
}

Result<std::unique_ptr<net::Stream>> ScriptedConnector::connect(const std::string &, std::uint16_t,
                                                                SteadyTime) {
    if (!script_->connect()) return fault(Fault::unreachable, "connecting");
    return std::unique_ptr<net::Stream>(std::make_unique<ScriptedStream>(script_));
}

} // namespace roe::replay
