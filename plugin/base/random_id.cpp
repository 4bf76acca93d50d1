#include "base/random_id.hpp"

#include <array>
#include <stdexcept>

#include <openssl/rand.h>

namespace roe {

std::string random_id(std::string_view prefix) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, 12> random{};
    if (RAND_bytes(random.data(), random.size()) != 1)
        throw std::runtime_error("no random numbers are to be had");
    std::string id(prefix);
    for (const auto byte : random) {
        id += digits[byte >> 4U];
        id += digits[byte & 0x0FU];
    }
    return id;
}

} // namespace roe
