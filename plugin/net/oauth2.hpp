// Access tokens from a token endpoint (RFC 6749 §4.4 client credentials, §6 refresh token).
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http_post.hpp"
#include "net/stream.hpp"

namespace roe::net {

enum class Grant : std::uint8_t { client_credentials, refresh_token };

struct TokenRequest {
    Grant grant = Grant::refresh_token;
    std::string endpoint; // https, or http on this machine
    std::string client_id;
    std::string client_secret;
    std::string refresh_token;
    std::string scope;
    Trust trust;
};

struct Tokens {
    std::string access;
    std::string refresh; // instead of the one that was sent; empty: that one stays
    std::chrono::seconds lifetime{};
};

// Step `login`. Fault::consent_needed: the endpoint refused for good, and asking again changes nothing.
Result<Tokens> request_tokens(Connector &connector, const Clock &clock, const TokenRequest &request,
                              const std::stop_token &stop);

// What an answer of the endpoint means. [pure]
Result<Tokens> read_token_answer(const HttpAnswer &answer, const std::string &endpoint);

} // namespace roe::net
