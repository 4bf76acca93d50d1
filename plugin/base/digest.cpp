#include "base/digest.hpp"

#include <array>
#include <new>

namespace roe {

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256::add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), hash.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += digits[hash.at(i) >> 4U];
        text += digits[hash.at(i) & 0x0FU];
    }
    return text;
}

} // namespace roe
