// Text of unknown origin, made fit for JSON.
#pragma once

#include <string>
#include <string_view>

namespace host {

// Every byte that is not part of valid UTF-8 (RFC 3629), and every zero byte, becomes U+FFFD.
std::string valid_utf8(std::string_view bytes);

} // namespace host
