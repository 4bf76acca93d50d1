#include "mail/guarded_socket.hpp"

#include <algorithm>

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/err.h>

namespace host {

GuardedSocket::GuardedSocket(const Poco::Net::StreamSocket &connected, Limits limits)
    : inner_(connected), until_(std::chrono::steady_clock::now() + limits.whole), bytes_left_(limits.bytes) {}

void GuardedSocket::secure(const std::string &host, const Poco::Net::Context::Ptr &trust) {
    // The handshake takes its timeouts from the socket as it is now.
    inner_.setReceiveTimeout(time_left());
    inner_.setSendTimeout(time_left());
    ERR_clear_error();
    inner_ = Poco::Net::SecureStreamSocket::attach(inner_, host, trust);
    secured_ = true;
}

int GuardedSocket::receiveBytes(void *buffer, int length, int flags) {
    // In plain text one at a time: what follows the answer to STARTTLS is the handshake's.
    const int most = secured_ ? length : std::min(length, 1);
    inner_.setReceiveTimeout(time_left());
    if (secured_) ERR_clear_error();
    const int got = inner_.receiveBytes(buffer, most, flags);
    if (got <= 0) throw Poco::Net::ConnectionResetException("the mail server has closed the connection");
    bytes_left_ -= got;
    if (bytes_left_ < 0) throw Poco::IOException("the mail server talks too much");
    return got;
}

int GuardedSocket::sendBytes(const void *buffer, int length, int flags) {
    inner_.setSendTimeout(time_left());
    if (secured_) ERR_clear_error();
    return inner_.sendBytes(buffer, length, flags);
}

Poco::Timespan GuardedSocket::time_left() const {
    const auto left =
        std::chrono::duration_cast<std::chrono::microseconds>(until_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw Poco::TimeoutException("the mail server was too slow");
    return {static_cast<Poco::Timespan::TimeDiff>(left.count())};
}

} // namespace host
