// Why the system's loader refused a library.
#pragma once

#include <string>

namespace host {

// Boost.DLL says "Bad file descriptor" for every cause; the loader has the real words. `otherwise` when it has
// none. To be asked right after the failure, on the same thread.
std::string loader_words(std::string otherwise);

} // namespace host
