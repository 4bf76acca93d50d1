#include "net/base64.hpp"

#include <openssl/evp.h>

namespace roe::net {

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                        reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                        reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    // It counts the padding as bytes.
    std::size_t padding = 0;
    while (padding < 2 && text.substr(0, text.size() - padding).ends_with('='))
        ++padding;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

} // namespace roe::net
