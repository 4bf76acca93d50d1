// Text as it crosses: pointer and length, UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "orch/sdk/utf8.hpp"
#include "orch/types.h"

namespace orch::sdk::abi {

inline std::string_view view(orch_str_t text) {
    return text.data == nullptr ? std::string_view{} : std::string_view(text.data, text.size);
}

inline orch_str_t str(std::string_view text) {
    return {text.data(), text.size()};
}

// As much of `text` as fits into `capacity` bytes without cutting a character in two.
inline std::string_view cut(std::string_view text, std::uint64_t capacity) {
    if (text.size() <= capacity) {
        return text;
    }
    auto end = static_cast<std::size_t>(capacity);
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

} // namespace orch::sdk::abi
