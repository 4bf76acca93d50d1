// Named places at which a test kills the process, to show that nothing is lost or done twice.
//
// The function is empty in the library that ships; tests link another definition (tests/faults), which
// reads ROE_CRASH_AT=name[:n] and sends SIGKILL to its own process at the n-th passing of that name.
#pragma once

#include <string_view>

namespace roe {

void crash_point(std::string_view name);

} // namespace roe
