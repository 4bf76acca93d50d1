// The host's log.
#pragma once

#include <cstdint>
#include <string_view>

#include "orch/host.h"

namespace orch::sdk {

enum class LogLevel : std::int32_t {
    debug = ORCH_LOG_DEBUG,
    info = ORCH_LOG_INFO,
    warning = ORCH_LOG_WARNING,
    error = ORCH_LOG_ERROR,
};

class LogService {
  public:
    virtual ~LogService() = default;

    // [any thread] Must never be given a secret or the content of a message.
    virtual void log(LogLevel level, std::string_view message) = 0;
};

} // namespace orch::sdk
