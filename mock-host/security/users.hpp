// Who calls, and what they may do. [any thread]
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"

namespace host {

struct User {
    std::string name;
    Role role = Role::user;
    std::string tenant; // the user's own

    [[nodiscard]] bool administrates() const { return role != Role::user; }
};

std::string_view role_name(Role role);

// SHA-256 of a secret that is compared and never shown.
using TokenDigest = std::array<unsigned char, 32>;
TokenDigest digest_of(std::string_view token);

class Users {
  public:
    explicit Users(const std::vector<ConfiguredUser> &configured);

    // Takes as long for a wrong token as for a right one.
    [[nodiscard]] std::optional<User> by_token(std::string_view token) const;

    // Takes as long for a name that nobody has. One at a time, as each costs memory and time by design;
    // throws Problem when it is not its turn within two seconds.
    [[nodiscard]] std::optional<User> by_password(const std::string &name, std::string_view password) const;

    // The default one for a name that nobody has.
    [[nodiscard]] std::string tenant_of(const std::string &name) const;

  private:
    struct Known {
        User user;
        std::optional<TokenDigest> token; // the tokens themselves are not kept
        std::optional<std::string> password_hash;
    };
    std::vector<Known> known_;
    mutable std::mutex mutex_;
    mutable std::condition_variable checked_;
    mutable bool checking_ = false;
};

} // namespace host
