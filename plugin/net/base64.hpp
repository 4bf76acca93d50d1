// Base64 (RFC 4648 §4). [pure]
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roe::net {

std::string base64(std::string_view bytes);
// Empty: it is none.
std::optional<std::string> from_base64(std::string_view text);

} // namespace roe::net
