// Overwrites a secret before its memory is given back.
#pragma once

#include <string>

namespace roe {

void wipe(std::string &secret);

} // namespace roe
