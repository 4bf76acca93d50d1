#include "security/password_hash.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "security/base64.hpp"

namespace host {
namespace {

// 32 MiB and some 80 ms a guess: OWASP's advice for scrypt.
struct Cost {
    std::uint64_t n = 1U << 15U;
    std::uint64_t r = 8;
    std::uint64_t p = 3;
};
constexpr std::uint64_t memory_limit = 256U << 20U;

struct Parsed {
    Cost cost;
    std::string salt;
    std::string hash;
};

std::optional<std::string> derive(std::string_view password, std::string_view salt, const Cost &cost) {
    std::string key(32, '\0');
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char *>(salt.data()),
                       salt.size(), cost.n, cost.r, cost.p, memory_limit,
                       reinterpret_cast<unsigned char *>(key.data()), key.size()) != 1) {
        return std::nullopt;
    }
    return key;
}

std::optional<Parsed> parse(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const auto end = std::min(text.find('$', start), text.size());
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    if (parts.size() != 6 || parts[0] != "scrypt") return std::nullopt;
    Parsed parsed;
    std::array<std::uint64_t *, 3> numbers{&parsed.cost.n, &parsed.cost.r, &parsed.cost.p};
    for (std::size_t index = 0; index < numbers.size(); ++index) {
        const auto part = parts[index + 1];
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), *numbers[index]);
        if (error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
    }
    auto salt = from_base64(parts[4]);
    auto hash = from_base64(parts[5]);
    if (!salt || !hash || hash->size() != 32) return std::nullopt;
    parsed.salt = *std::move(salt);
    parsed.hash = *std::move(hash);
    return parsed;
}

} // namespace

std::string hash_password(std::string_view password) {
    std::string salt(16, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char *>(salt.data()), static_cast<int>(salt.size())) != 1) {
        throw std::runtime_error("the system gives no random bytes");
    }
    const Cost cost;
    const auto hash = derive(password, salt, cost);
    if (!hash) throw std::runtime_error("scrypt failed");
    return "scrypt$" + std::to_string(cost.n) + "$" + std::to_string(cost.r) + "$" + std::to_string(cost.p) +
           "$" + base64(salt) + "$" + base64(*hash);
}

bool password_matches(std::string_view password, std::string_view hash) {
    const auto parsed = parse(hash);
    if (!parsed) return false;
    const auto derived = derive(password, parsed->salt, parsed->cost);
    return derived && CRYPTO_memcmp(derived->data(), parsed->hash.data(), parsed->hash.size()) == 0;
}

bool is_password_hash(std::string_view text) {
    return parse(text).has_value();
}

} // namespace host
