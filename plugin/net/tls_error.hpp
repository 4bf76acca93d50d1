// What went wrong in TLS, told so that an administrator knows which of the usual causes it is.
#pragma once

#include <string>

#include <Poco/Exception.h>

#include "base/result.hpp"

namespace roe::net {

// For an exception of a SecureStreamSocket. `doing` as in Error; `handshake` is still under way or not.
Error tls_error(const Poco::Exception &failure, const std::string &doing, bool handshake);

} // namespace roe::net
