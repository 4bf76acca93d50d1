// Names of servers as people write them. [pure]
#pragma once

#include <optional>
#include <string>

namespace roe::net {

// The name as DNS, SNI and certificates have it: "почта.example" is "xn--80a1acny.example" (IDNA 2008, UTS 46).
// ASCII stays as it is. Empty: this is no name.
std::optional<std::string> ascii_host(const std::string &name);

} // namespace roe::net
