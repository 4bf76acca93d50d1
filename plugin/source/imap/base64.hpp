// Base64 for SASL (RFC 4648 §4).
#pragma once

#include <string>
#include <string_view>

namespace roe::imap {

std::string base64(std::string_view bytes);

} // namespace roe::imap
