// One connection to a web server: requests out, answers in, one after the other. What an answer's head and the
// framing of its body may take is bounded, the body itself is handed on as it comes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_body.hpp"
#include "net/http_head.hpp"
#include "net/http_unpacker.hpp"
#include "net/stream.hpp"

namespace roe::net {

// [one thread]. Errors have the step `connect`.
class HttpConnection {
  public:
    enum class To : std::uint8_t { server, tunnel };     // a tunnel's answer, if it is a good one, has no body
    enum class Coding : std::uint8_t { identity, gzip }; // gzip: the body may come compressed

    // `peer` for people: "server.example:8443".
    HttpConnection(std::shared_ptr<Stream> stream, std::string peer, const Clock &clock);

    Result<void> send(std::string_view request, SteadyTime deadline);
    // The answer's head; interim ones are passed over.
    Result<HttpHead> receive(SteadyTime deadline, To to = To::server, Coding coding = Coding::identity);
    // The next bytes of its body, as HttpClient::read.
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline);
    // Passes over what is left of the body. False: it is not worth it, or the connection ends with it.
    bool skip(SteadyTime deadline);

    // Not a byte of an answer has come since the last request.
    [[nodiscard]] bool silent() const { return silent_; }
    // It has answered before.
    [[nodiscard]] bool greeted() const { return greeted_; }
    // The last answer is over, and the next request may follow.
    [[nodiscard]] bool ready() const { return ready_; }
    // The server has closed it, or says something unasked (RFC 9112 §9.5: a time-out). Does not wait.
    bool lapsed();

    [[nodiscard]] bool pending() const;
    [[nodiscard]] Stream &stream() const { return *stream_; }
    [[nodiscard]] const std::string &peer() const { return peer_; }

  private:
    Result<std::string> read_head(SteadyTime deadline);
    Result<bool> frame(const HttpHead &head, To to, Coding coding);
    Result<std::size_t> read_unpacked(char *to, std::size_t size, SteadyTime deadline);
    Result<std::size_t> read_raw(char *to, std::size_t size, SteadyTime deadline);
    Result<bool> fill(SteadyTime deadline);
    [[nodiscard]] Error error(Fault fault, std::string words) const;

    const std::shared_ptr<Stream> stream_;
    const std::string peer_;
    const Clock &clock_;
    std::string unread_;
    HttpBody body_{false, 0};
    std::unique_ptr<HttpUnpacker> unpacker_; // of a body that comes compressed
    std::string packed_;                     // what it has not taken
    bool silent_ = true;
    bool greeted_ = false;
    bool ready_ = true;
    bool kept_ = true;
};

} // namespace roe::net
