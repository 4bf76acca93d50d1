// The host's log: lines on standard error.
#pragma once

#include <string_view>

namespace host {

enum class Severity { debug, info, warning, error };

// [any thread] `who` is the part of the host, or the id of a plugin.
void log_line(Severity severity, std::string_view who, std::string_view message);

} // namespace host
