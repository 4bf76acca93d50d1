#include "security/users.hpp"

#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace host {

std::string_view role_name(Role role) {
    switch (role) {
    case Role::administrator:
        return "Administrator";
    case Role::tenant_administrator:
        return "TenantAdministrator";
    case Role::user:
        break;
    }
    return "User";
}

Users::Users(const std::vector<ConfiguredUser> &configured) {
    for (const auto &user : configured) {
        if (user.token) known_.push_back({digest(*user.token), {user.name, user.role, user.tenant}});
    }
}

std::optional<User> Users::by_token(std::string_view token) const {
    const Digest wanted = digest(token);
    const Known *found = nullptr;
    for (const auto &known : known_) {
        if (CRYPTO_memcmp(wanted.data(), known.token.data(), wanted.size()) == 0) found = &known;
    }
    if (found == nullptr) return std::nullopt;
    return found->user;
}

Users::Digest Users::digest(std::string_view token) {
    Digest digest{};
    if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

} // namespace host
