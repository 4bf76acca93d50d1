// Tells the charsets of Chinese, Japanese and Korean text by the characters that such text cannot do without.
#pragma once

#include <string_view>

namespace roe::message {

// For bytes that are not UTF-8: "shift_jis", "euc-jp", "euc-kr", "gb18030" or "big5", as to_utf8 knows them;
// empty when they do not look like any of these, as a few characters never do. [any thread]
std::string_view likeliest_east_asian_charset(std::string_view bytes);

} // namespace roe::message
