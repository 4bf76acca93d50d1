// Ids that nobody can guess and that are safe as file names.
#pragma once

#include <string>

namespace host {

// 32 hexadecimal digits.
std::string random_id();

} // namespace host
