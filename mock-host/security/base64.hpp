#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host {

std::string base64(std::string_view bytes);

// Empty when it is not base64 (RFC 4648 §4) with its padding.
std::optional<std::string> from_base64(std::string_view text);

} // namespace host
