#include "source/ews/base64_stream.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

#include <openssl/evp.h>

namespace roe::ews {

struct Base64Stream::State {
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    bool padded = false;
    std::size_t characters = 0; // modulo 4, of what is not white space

    State() {
        if (context == nullptr) throw std::bad_alloc();
        EVP_DecodeInit(context);
    }
    ~State() { EVP_ENCODE_CTX_free(context); }
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    // OpenSSL takes "-" for an end, and padding for an end only of the line.
    bool takes(char c) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return true;
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && c != '+' && c != '/' && c != '=') return false;
        if (padded && c != '=') return false;
        padded = padded || c == '=';
        characters = (characters + 1) % 4;
        return true;
    }
};

Base64Stream::Base64Stream() : state_(std::make_unique<State>()) {}

Base64Stream::~Base64Stream() = default;

bool Base64Stream::decode(std::string_view text, std::string &to) {
    if (!std::ranges::all_of(text, [this](char c) { return state_->takes(c); })) return false;
    std::array<unsigned char, 4096 + 64> decoded; // OpenSSL holds up to 64 characters back
    constexpr std::size_t piece = 4096;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, piece);
        text.remove_prefix(part.size());
        int size = 0;
        const int state = EVP_DecodeUpdate(state_->context, decoded.data(), &size,
                                           reinterpret_cast<const unsigned char *>(part.data()),
                                           static_cast<int>(part.size()));
        if (state < 0) return false;
        to.append(reinterpret_cast<const char *>(decoded.data()), static_cast<std::size_t>(size));
    }
    return true;
}

bool Base64Stream::end() {
    unsigned char nothing[64];
    int size = 0;
    return state_->characters == 0 && EVP_DecodeFinal(state_->context, nothing, &size) >= 0 && size == 0;
}

} // namespace roe::ews
