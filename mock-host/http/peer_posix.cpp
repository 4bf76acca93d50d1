#include "http/peer.hpp"

#include <poll.h>

namespace host::http {

int descriptor_of(const Poco::Net::Socket &socket) {
    return socket.impl()->sockfd();
}

bool peer_has_gone(int descriptor) {
    pollfd state{descriptor, POLLRDHUP, 0};
    return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

} // namespace host::http
