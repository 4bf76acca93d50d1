// Folder names on the wire: UTF-8 <-> modified UTF-7 (RFC 3501 §5.1.3). [pure]
#pragma once

#include <string>
#include <string_view>

namespace roe::imap {

// The result is printable ASCII whatever comes in; bytes that are no UTF-8 become U+FFFD.
std::string to_modified_utf7(std::string_view utf8);

// What is no modified UTF-7 stays as it is: some servers list names in raw UTF-8.
std::string from_modified_utf7(std::string_view name);

} // namespace roe::imap
