// A stream on a Poco socket, plain and then perhaps encrypted.
//
// The socket is non-blocking, and so every wait is a poll of our own with the operation's deadline: a server
// that drips a byte at a time into a handshake or a record gains nothing. `setBlocking` of a SecureStreamSocket
// does not reach the socket inside it, hence the plain socket is kept: it is that socket.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "net/stream.hpp"
#include "net/trust.hpp"

namespace roe::net {

class SocketStream final : public Stream {
  public:
    // `socket` is connected and non-blocking; `peer` as in "imap.example.com:993".
    SocketStream(const Poco::Net::StreamSocket &socket, std::string peer,
                 std::shared_ptr<TrustContexts> contexts);
    ~SocketStream() override;
    SocketStream(const SocketStream &) = delete;
    SocketStream &operator=(const SocketStream &) = delete;

    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) override;
    Result<void> write(std::string_view bytes, SteadyTime deadline) override;
    Result<TlsFacts> start_tls(const std::string &host, const Trust &trust, SteadyTime deadline) override;
    [[nodiscard]] bool encrypted() const override { return secure_.has_value(); }
    [[nodiscard]] bool pending() const override;
    [[nodiscard]] TlsFacts refused_certificate() const override { return refused_ ? *refused_ : TlsFacts(); }
    [[nodiscard]] int descriptor() const override { return descriptor_; }
    void cancel() override;
    void close() override;

  private:
    enum class Deed { handshake, reading, writing };

    // Calls `attempt` until it does something, fails, or the deadline passes. `attempt` returns what Poco
    // returns: a count, or a negative number when it would have to wait.
    template <class Attempt>
    Result<std::size_t> persist(Deed deed, SteadyTime deadline, Attempt attempt);

    Result<TlsFacts> shake_hands(const std::string &name, const Trust &trust, SteadyTime deadline);
    [[nodiscard]] std::string doing(Deed deed) const;
    [[nodiscard]] Error fault_of(const Poco::Exception &failure, Deed deed) const;

    const std::string peer_;
    const std::shared_ptr<TrustContexts> contexts_;
    Poco::Net::StreamSocket plain_;
    std::optional<Poco::Net::SecureStreamSocket> secure_;
    bool secured_ = false; // the handshake is done
    std::unique_ptr<const TlsFacts> refused_;
    std::atomic<bool> cancelled_ = false;
    std::mutex closing_; // between `cancel` and `close`: a closed descriptor's number may be another's already
    int descriptor_ = -1;
};

} // namespace roe::net
