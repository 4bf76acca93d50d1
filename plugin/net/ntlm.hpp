// NTLMv2 (MS-NLMP) by Poco's NTLMCredentials: the two messages of a client. [pure, but for chance and time]
//
// Poco's HTTPNTLMCredentials is not used, as it signs in to the server's own domain whatever domain the login
// names, and takes a challenge whose offsets overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roe::net {

// "EXAMPLE\ann" is Ann of EXAMPLE. "ann@example.com" is a name in itself, whose domain the server knows, and
// "ann" is Ann of the server's own domain.
struct NtlmName {
    std::optional<std::string> domain; // empty: the one that the challenge names
    std::string user;
};
NtlmName ntlm_name(std::string_view login);

// What the answer to a challenge takes in beside the password.
struct NtlmChance {
    std::vector<unsigned char> nonce; // eight bytes
    std::uint64_t time = 0;           // 100 ns since 1601-01-01 UTC
};
NtlmChance ntlm_chance();

// The first message, in Base64.
std::string ntlm_greeting();
// The answer to the server's challenge, both in Base64. Empty: the challenge is broken, or is not of NTLMv2.
std::optional<std::string> ntlm_answer(std::string_view challenge, std::string_view login,
                                       const std::string &password, const NtlmChance &chance);

} // namespace roe::net
