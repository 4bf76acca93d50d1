#include "base/random_id.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include <openssl/rand.h>

namespace host {

std::string random_id() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        throw std::runtime_error("the system gives no random bytes");
    }
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    id.reserve(bytes.size() * 2);
    for (const unsigned char byte : bytes) {
        id.push_back(digits[byte >> 4U]);
        id.push_back(digits[byte & 0x0FU]);
    }
    return id;
}

} // namespace host
