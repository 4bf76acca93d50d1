#include "security/users.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/problem.hpp"
#include "security/base64.hpp"
#include "security/password_hash.hpp"

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

TokenDigest digest_of(std::string_view token) {
    TokenDigest digest{};
    if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return digest;
}

Users::Users(const std::vector<ConfiguredUser> &configured) {
    for (const auto &user : configured) {
        known_.push_back({{user.name, user.role, user.tenant},
                          user.token ? std::optional(digest_of(*user.token)) : std::nullopt,
                          user.password_hash});
    }
}

std::optional<User> Users::by_token(std::string_view token) const {
    const TokenDigest wanted = digest_of(token);
    const Known *found = nullptr;
    for (const auto &known : known_) {
        if (known.token && CRYPTO_memcmp(wanted.data(), known.token->data(), wanted.size()) == 0) {
            found = &known;
        }
    }
    if (found == nullptr) return std::nullopt;
    return found->user;
}

std::string Users::tenant_of(const std::string &name) const {
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const Known &known) { return known.user.name == name; });
    return found == known_.end() ? std::string() : found->user.tenant;
}

std::optional<User> Users::by_password(const std::string &name, std::string_view password) const {
    // Matches nothing, and costs what a real one costs.
    static const std::string decoy =
        "scrypt$32768$8$3$" + base64(std::string(16, 's')) + "$" + base64(std::string(32, '\0'));
    const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known &known) {
        return known.user.name == name && known.password_hash;
    });
    std::unique_lock lock(mutex_);
    if (!checked_.wait_for(lock, std::chrono::seconds(2), [this] { return !checking_; })) {
        Problem problem(503, "busy", "many people sign in at this moment; try again");
        problem.retry_after = std::chrono::seconds(2);
        throw problem;
    }
    checking_ = true;
    lock.unlock();
    const bool right = password_matches(password, found == known_.end() ? decoy : *found->password_hash);
    lock.lock();
    checking_ = false;
    lock.unlock();
    checked_.notify_one();
    if (found == known_.end() || !right) return std::nullopt;
    return found->user;
}

} // namespace host
