// What the streams need of the operating system and Poco does not give: waiting for several sockets at once,
// sockets that no child process inherits, writes that raise no signal.
#pragma once

#include <span>

#include <Poco/Net/StreamSocket.h>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::net {

struct Watched {
    enum class For { reading, writing };

    int descriptor = -1;
    For what = For::reading;
    bool ready = false; // out: also when the peer hung up or the socket failed
};

// Waits until one of them is ready or the deadline has passed; false then. A deadline in the past only looks.
bool wait_for(std::span<Watched> sockets, SteadyTime deadline);

// An unconnected, non-blocking TCP socket with keep-alive. Throws Poco::Exception when there is none to be had.
Poco::Net::StreamSocket open_socket(Poco::Net::AddressFamily::Family family);

// As StreamSocket::sendBytes, but a broken connection raises no SIGPIPE.
int send_without_signal(Poco::Net::StreamSocket &socket, const char *bytes, int size);

// Ends both directions, so that whoever waits for the socket wakes. The descriptor stays open.
void shut_down(int descriptor) noexcept;

// While it lives, writing to a broken connection raises no SIGPIPE in this thread. OpenSSL's socket BIO calls
// write(2), which has no MSG_NOSIGNAL, and the process's signal handling belongs to the host.
class BrokenPipeShield {
  public:
    BrokenPipeShield();
    ~BrokenPipeShield();
    BrokenPipeShield(const BrokenPipeShield &) = delete;
    BrokenPipeShield &operator=(const BrokenPipeShield &) = delete;

  private:
    const bool pending_before_;
    bool blocked_here_ = false;
};

} // namespace roe::net
