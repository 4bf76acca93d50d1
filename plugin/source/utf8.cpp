#include "source/utf8.hpp"

#include <cstddef>

namespace roe {

char32_t take_code_point(std::string_view &text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    std::size_t length = 1;
    char32_t value = lead;
    char32_t least = 0;
    if (lead >= 0xf0 && lead <= 0xf4) {
        length = 4;
        value = lead & 0x07U;
        least = 0x10000;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        length = 3;
        value = lead & 0x0fU;
        least = 0x800;
    } else if (lead >= 0xc2 && lead < 0xe0) {
        length = 2;
        value = lead & 0x1fU;
        least = 0x80;
    }
    bool valid = (lead < 0x80 || length > 1) && length <= text.size();
    for (std::size_t i = 1; valid && i < length; ++i) {
        valid = (byte(i) & 0xc0U) == 0x80;
        value = value << 6U | (byte(i) & 0x3fU);
    }
    valid = valid && value >= least && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
    text.remove_prefix(valid ? length : 1);
    return valid ? value : replacement_character;
}

void append_utf8(std::string &to, char32_t code_point) {
    const auto put = [&to](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0U | code_point >> 6U);
        put(0x80U | (code_point & 0x3fU));
    } else if (code_point < 0x10000) {
        put(0xe0U | code_point >> 12U);
        put(0x80U | (code_point >> 6U & 0x3fU));
        put(0x80U | (code_point & 0x3fU));
    } else {
        put(0xf0U | code_point >> 18U);
        put(0x80U | (code_point >> 12U & 0x3fU));
        put(0x80U | (code_point >> 6U & 0x3fU));
        put(0x80U | (code_point & 0x3fU));
    }
}

} // namespace roe
