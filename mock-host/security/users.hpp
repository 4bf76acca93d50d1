// Who calls, and what they may do. [any thread]
#pragma once

#include <array>
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

class Users {
  public:
    explicit Users(const std::vector<ConfiguredUser> &configured);

    // Takes as long for a wrong token as for a right one.
    [[nodiscard]] std::optional<User> by_token(std::string_view token) const;

  private:
    using Digest = std::array<unsigned char, 32>;
    struct Known {
        Digest token; // the tokens themselves are not kept
        User user;
    };
    static Digest digest(std::string_view token);
    std::vector<Known> known_;
};

} // namespace host
