// Whether the other end of a connection still listens. POSIX: peer_posix.cpp.
#pragma once

#include <Poco/Net/Socket.h>

namespace host::http {

int descriptor_of(const Poco::Net::Socket &socket);

// [any thread] The client has closed its connection; what it sent before is left unread.
bool peer_has_gone(int descriptor);

} // namespace host::http
