// How a mailbox gets its access tokens, as its form says it (OAuth 2.0). Pure. [any thread]
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/form.hpp"
#include "net/oauth2.hpp"

namespace roe::settings {

inline constexpr std::string_view oauth_field = "OAuth";

// Everything but the secrets.
struct OAuth {
    std::string preset = "other";
    net::Grant grant = net::Grant::refresh_token;
    std::string token_endpoint; // empty: the preset's
    std::string client_id;
    std::string scope; // empty: the preset's

    friend bool operator==(const OAuth &, const OAuth &) = default;
};

// What is wrong is rejected with the name of the field, as "OAuth.ClientId". Empty: the form has none.
std::optional<OAuth> read_oauth(FormReader &reader, const nlohmann::json &form);

// As it is kept and shown; null when there is none.
nlohmann::json to_json(const std::optional<OAuth> &oauth);
std::optional<OAuth> oauth_from_kept(const nlohmann::json &values);

// What goes out, presets filled in.
std::string token_endpoint_of(const OAuth &oauth, std::string_view address);
std::string scope_of(const OAuth &oauth, std::string_view protocol);

// For the page.
nlohmann::json describe_oauth();

} // namespace roe::settings
