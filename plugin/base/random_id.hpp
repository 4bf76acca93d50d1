// Ids that nobody can guess.
#pragma once

#include <string>
#include <string_view>

namespace roe {

// The prefix and 24 hexadecimal digits. Throws when the system has no random numbers.
std::string random_id(std::string_view prefix);

} // namespace roe
