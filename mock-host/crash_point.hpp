// Named places at which a test kills the host, to show that nothing is lost or done twice.
//
// The function is empty in the host that ships; mock-host-testing links testing/crash_point_armed.cpp.
#pragma once

#include <string_view>

namespace host {

void crash_point(std::string_view name);

} // namespace host
