// File names that are safe to write, whatever the mail calls its attachment. Pure. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

// `name` (valid UTF-8) without path, control and bidirectional characters, and what a system or a shell would
// take as special; never hidden, at most 150 bytes, its extension kept. Empty when nothing is left.
std::string safe_file_name(std::string_view name);

// The same name with a number before its extension: "offer (2).pdf".
std::string numbered(std::string_view safe_name, int number);

// ".pdf" for "application/pdf"; ".bin" for what we do not know.
std::string_view extension_of(std::string_view media_type);

} // namespace roe::message
