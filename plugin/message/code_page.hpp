// Windows' numbers of charsets. Pure. [any thread]
#pragma once

#include <cstdint>
#include <string>

namespace roe::message {

// A name that to_utf8 knows, for the code pages that mail is written in; empty for others and for 0.
std::string charset_of_code_page(std::uint32_t page);

} // namespace roe::message
