// Named places at which a test kills the process, to show that nothing is lost or done twice.
//
// The functions are empty in the library that ships; tests link another definition (tests/faults), which
// reads ROE_CRASH_AT=name[:n] and sends SIGKILL to its own process at the n-th passing of that name, or
// ROE_CRASH_ON_MAIL=name:text, at each passing of that name with a mail that has the text.
#pragma once

#include <string_view>

namespace roe {

void crash_point(std::string_view name);
// `words` are the mail's: its subject, or its header as it came.
void crash_point_of_mail(std::string_view name, std::string_view words);

} // namespace roe
