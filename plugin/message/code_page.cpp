#include "message/code_page.hpp"

#include <map>

namespace roe::message {

std::string charset_of_code_page(std::uint32_t page) {
    static const std::map<std::uint32_t, std::string> others = {
        {1200, "utf-16le"},     {1201, "utf-16be"},     {10000, "macintosh"}, {10007, "mac-cyrillic"},
        {20127, "us-ascii"},    {20866, "koi8-r"},      {20932, "euc-jp"},    {21866, "koi8-u"},
        {50220, "iso-2022-jp"}, {50221, "iso-2022-jp"}, {51932, "euc-jp"},    {50222, "iso-2022-jp"},
        {51949, "euc-kr"},      {50225, "iso-2022-kr"}, {54936, "gb18030"},   {65000, "utf-7"},
        {65001, "utf-8"}};
    if (const auto found = others.find(page); found != others.end()) return found->second;
    constexpr std::uint32_t before_iso_8859_1 = 28590;
    constexpr std::uint32_t iso_8859_parts = 16;
    if (page > before_iso_8859_1 && page <= before_iso_8859_1 + iso_8859_parts) {
        return "iso-8859-" + std::to_string(page - before_iso_8859_1);
    }
    // 437 and its kin of MS-DOS, 874 to 950 of Asia, 1250 to 1258 of Windows
    constexpr std::uint32_t last_named_by_number = 1258;
    return page >= 437 && page <= last_named_by_number ? "cp" + std::to_string(page) : std::string();
}

} // namespace roe::message
