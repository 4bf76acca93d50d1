#include "net/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocketImpl.h>

namespace roe::net {
namespace {

// A machine that vanished is noticed after 60 + 4 * 15 seconds, also while its session is parked; so long, and
// not for a quarter of an hour, unacknowledged bytes are sent again too.
constexpr int keep_alive_idle_seconds = 60;
constexpr int keep_alive_interval_seconds = 15;
constexpr int keep_alive_probes = 4;
constexpr int user_timeout_milliseconds =
    (keep_alive_idle_seconds + keep_alive_interval_seconds * keep_alive_probes) * 1000;

// Rounded up, so that a wait never ends just short of the deadline and spins.
int milliseconds_until(SteadyTime deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 24L * 3600 * 1000));
}

sigset_t broken_pipe() {
    sigset_t set{};
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

bool broken_pipe_pending() {
    sigset_t pending{};
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
}

} // namespace

bool wait_for(std::span<Watched> sockets, SteadyTime deadline) {
    std::vector<pollfd> polled;
    polled.reserve(sockets.size());
    for (const Watched &one : sockets) {
        const bool writing = one.what == Watched::For::writing;
        polled.push_back({one.descriptor, static_cast<short>(writing ? POLLOUT : POLLIN), 0});
    }
    for (;;) {
        const int ready = ::poll(polled.data(), polled.size(), milliseconds_until(deadline));
        if (ready > 0) break;
        if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
        if (std::chrono::steady_clock::now() >= deadline) return false;
    }
    for (std::size_t i = 0; i < sockets.size(); ++i)
        sockets[i].ready = polled[i].revents != 0;
    return true;
}

Poco::Net::StreamSocket open_socket(Poco::Net::AddressFamily::Family family) {
    // Poco makes its own sockets without SOCK_CLOEXEC, and the host may fork at any time.
    const int domain = family == Poco::Net::AddressFamily::IPv6 ? AF_INET6 : AF_INET;
    const int descriptor = ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) throw Poco::Net::NetException(std::generic_category().message(errno), errno);

    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(descriptor));
    socket.setBlocking(false);
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.setOption(IPPROTO_TCP, TCP_KEEPIDLE, keep_alive_idle_seconds);
    socket.setOption(IPPROTO_TCP, TCP_KEEPINTVL, keep_alive_interval_seconds);
    socket.setOption(IPPROTO_TCP, TCP_KEEPCNT, keep_alive_probes);
    socket.setOption(IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_milliseconds);
    return socket;
}

int send_without_signal(Poco::Net::StreamSocket &socket, const char *bytes, int size) {
    return socket.sendBytes(bytes, size, MSG_NOSIGNAL);
}

void shut_down(int descriptor) noexcept {
    ::shutdown(descriptor, SHUT_RDWR);
}

BrokenPipeShield::BrokenPipeShield() : pending_before_(broken_pipe_pending()) {
    if (pending_before_) return; // it is blocked then, and not ours to take
    const sigset_t wanted = broken_pipe();
    sigset_t before{};
    if (pthread_sigmask(SIG_BLOCK, &wanted, &before) == 0) blocked_here_ = sigismember(&before, SIGPIPE) == 0;
}

BrokenPipeShield::~BrokenPipeShield() {
    if (pending_before_) return;
    const int kept = errno;
    const sigset_t wanted = broken_pipe();
    // write(2) left it pending in this thread: it would fire on unblocking, here or, where the thread's owner
    // has it blocked (as Poco does), there.
    if (broken_pipe_pending()) {
        const timespec at_once{};
        while (sigtimedwait(&wanted, nullptr, &at_once) == -1 && errno == EINTR) {
        }
    }
    if (blocked_here_) pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
    errno = kept;
}

} // namespace roe::net
