// A connection that never takes longer or says more than it may, plain or inside TLS.
//
// Poco's mail session reads through it, as that has no deadline, no limit, and at the end of file within an
// answer of several lines it reads on for ever (DialogSocket::receiveStatusMessage, Poco 1.11).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

namespace host {

class GuardedSocket final : public Poco::Net::StreamSocketImpl {
  public:
    struct Limits {
        std::chrono::milliseconds whole; // the connection, from now to its end
        std::int64_t bytes;              // that come in
    };
    // A socket that is connected.
    GuardedSocket(const Poco::Net::StreamSocket &connected, Limits limits);

    // TLS from here on, with the certificate of `host` verified. Throws Poco::Exception. What was read before
    // and not used yet can't be: without TLS nothing is read ahead.
    void secure(const std::string &host, const Poco::Net::Context::Ptr &trust);

    // Nothing more is to come or go: whoever tries fails at once.
    void give_up() { until_ = {}; }

    int receiveBytes(void *buffer, int length, int flags = 0) override;
    int sendBytes(const void *buffer, int length, int flags = 0) override;
    void close() override { inner_.close(); }

  private:
    [[nodiscard]] Poco::Timespan time_left() const;

    Poco::Net::StreamSocket inner_;
    std::chrono::steady_clock::time_point until_;
    std::int64_t bytes_left_;
    bool secured_ = false;
};

} // namespace host
