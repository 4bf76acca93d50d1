// The two mechanisms that sign in with an access token of OAuth 2.0: OAUTHBEARER (RFC 7628) and its forerunner
// XOAUTH2 (Google's, Microsoft's). GNU SASL has neither. [pure]
//
// The client says all at once. A server that refuses tells why in JSON, and gives its NO only after an answer
// to that, which says nothing: "\x01" in OAUTHBEARER (§3.2.3), empty in XOAUTH2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace roe::net {

std::string oauthbearer_words(std::string_view login, std::string_view host, std::uint16_t port,
                              std::string_view token);
std::string xoauth2_words(std::string_view login, std::string_view token);

// What the server said on refusing, for people: "invalid_token", with the scope that it wants.
std::string bearer_refusal(std::string_view challenge);

} // namespace roe::net
