// A small server on loopback whose every byte a test decides: plain, encrypted from the start, or upgraded.
//
//   Server server([&](Peer &peer) {
//       peer.start_tls({.identity = identity});
//       peer.write("* OK ready\r\n");
//       peer.wait_for_end();
//   });
//   connector->connect("127.0.0.1", server.port(), …)
//
// The handler runs in a thread of its own for each connection; when it returns, the connection is closed.
// Whatever fails in it (the client went away, the handshake was refused) ends it quietly.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <openssl/ssl.h>

#include "support/certificates.hpp"

namespace roe::test {

struct TlsWish {
    Identity identity;
    std::vector<Identity> chain = {};              // sent beside it
    int newest_version = TLS1_3_VERSION;           // TLS1_1_VERSION for an outdated server
    std::optional<Identity> client_authority = {}; // demand a client certificate of this authority
};

// The server's end of one connection. Each call throws std::runtime_error when the connection is over.
class Peer {
  public:
    explicit Peer(int descriptor) : descriptor_(descriptor) {}
    ~Peer();
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    void start_tls(const TlsWish &wish);
    void write(std::string_view bytes);
    std::string read_some(); // empty at the end
    std::string read_line(); // without CR LF
    void wait_for_end();

    // Past TLS, straight to the socket.
    void write_raw(std::string_view bytes);
    // The bytes of the TLS record(s) that carry `text`, for sending them piecemeal with write_raw.
    std::string sealed(std::string_view text);
    // A TLS 1.3 session ticket and nothing else.
    void send_ticket();

    [[nodiscard]] std::string server_name() const; // the SNI that the client sent; empty if none
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    template <class Speak>
    std::string records_of(Speak speak);

    const int descriptor_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
    std::string server_name_;
};

class Server {
  public:
    using Handler = std::function<void(Peer &)>;

    explicit Server(Handler handler);
    ~Server(); // breaks the connections and waits for their handlers
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    void accept_connections();
    void serve(int connection);

    const Handler handler_;
    int listening_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::list<int> open_;
    std::list<std::thread> threads_;
    bool stopping_ = false;
    std::thread acceptor_;
};

} // namespace roe::test
