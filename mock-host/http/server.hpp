// The HTTP server: bounded threads, bounded bodies, deadlines for slow clients.
#pragma once

#include <memory>
#include <string>

#include "http/request_counts.hpp"
#include "http/router.hpp"

namespace host::http {

struct ServerLimits {
    int threads = 128; // each is little but its stack; event streams hold some for long
    std::size_t body_bytes = 4U << 20U;
    int read_timeout_seconds = 15; // without a byte
    int body_seconds = 30;         // for a whole body
    int keep_alive_seconds = 10;
    int send_seconds = 15;    // without taking a byte of its answer
    int request_seconds = 30; // for the headers of a request, from the connection or the request before on
};

class Server {
  public:
    // Binds at once; `address` is "HOST:PORT", port 0 means any. Throws std::runtime_error.
    Server(const Router &router, RequestCounts &counts, const std::string &address, ServerLimits limits = {});
    ~Server();

    void start();

    // No new request; those under way end (actions are taken back), then every connection is closed.
    void stop();

    // "127.0.0.1:8080", as bound.
    [[nodiscard]] std::string address() const;

  private:
    struct Running;
    std::unique_ptr<Running> running_;
};

} // namespace host::http
