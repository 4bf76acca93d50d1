// orch.secrets/1: encryption of what must not lie about in clear. [any thread]
#pragma once

#include <string>
#include <string_view>

#include "orch/ext/secrets.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

class SecretsService {
  public:
    virtual ~SecretsService() = default;

    // Text that may be stored anywhere. It opens under the same context only.
    virtual Outcome<std::string> seal(std::string_view context, std::string_view plain) = 0;

    // The way back. The caller wipes what it got.
    virtual Outcome<std::string> open(std::string_view context, std::string_view sealed) = 0;
};

} // namespace orch::sdk
