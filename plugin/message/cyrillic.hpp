// Tells the Cyrillic charsets from each other and from Western text by the letters that Russian uses.
#pragma once

#include <string_view>

namespace roe::message {

// For bytes that are not UTF-8: "koi8-r", "windows-1251", "cp866", "iso-8859-5" or "windows-1252". [any thread]
std::string_view likeliest_8bit_charset(std::string_view bytes);

} // namespace roe::message
