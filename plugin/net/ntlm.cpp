#include "net/ntlm.hpp"

#include <Poco/Net/NTLMCredentials.h>
#include <openssl/rand.h>

#include "net/base64.hpp"

namespace roe::net {

namespace {

using Poco::Net::NTLMCredentials;

// MS-NLMP §2.2.1.2: of a challenge without and with the target's facts.
constexpr std::size_t least_challenge = 32;
constexpr std::size_t least_challenge_with_facts = 48;
constexpr std::size_t most_facts = 8U << 10U;

// What we ask for and can do; a server may say more, and would then expect more.
constexpr std::uint32_t our_flags =
    NTLMCredentials::NTLM_FLAG_NEGOTIATE_UNICODE | NTLMCredentials::NTLM_FLAG_REQUEST_TARGET |
    NTLMCredentials::NTLM_FLAG_NEGOTIATE_NTLM | NTLMCredentials::NTLM_FLAG_NEGOTIATE_ALWAYS_SIGN |
    NTLMCredentials::NTLM_FLAG_NEGOTIATE_NTLM2_KEY | NTLMCredentials::NTLM_FLAG_NEGOTIATE_TARGET;

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    while (size-- > 0)
        value = value << 8U | static_cast<unsigned char>(bytes[at + size]);
    return value;
}

// Length and offset of a part, at `at`: Poco adds them in 32 bits.
bool part_is_inside(std::string_view message, std::size_t at) {
    const std::uint64_t length = little_endian(message, at, 2);
    return length <= most_facts && length + little_endian(message, at + 4, 4) <= message.size();
}

bool well_formed_challenge(std::string_view message) {
    if (message.size() < least_challenge || !part_is_inside(message, 12)) return false;
    const std::uint32_t flags = little_endian(message, 20, 4);
    if ((flags & NTLMCredentials::NTLM_FLAG_NEGOTIATE_TARGET) == 0) return true;
    return message.size() >= least_challenge_with_facts && part_is_inside(message, 40);
}

std::string text_of(const std::vector<unsigned char> &bytes) {
    return {bytes.begin(), bytes.end()};
}

} // namespace

NtlmName ntlm_name(std::string_view login) {
    if (const std::size_t slash = login.find('\\'); slash != std::string_view::npos)
        return {std::string(login.substr(0, slash)), std::string(login.substr(slash + 1))};
    if (login.find('@') != std::string_view::npos) return {std::string(), std::string(login)};
    return {std::nullopt, std::string(login)};
}

NtlmChance ntlm_chance() {
    NtlmChance chance{std::vector<unsigned char>(8), NTLMCredentials::createTimestamp()};
    if (RAND_bytes(chance.nonce.data(), static_cast<int>(chance.nonce.size())) != 1)
        throw std::runtime_error("the system has no random numbers");
    return chance;
}

std::string ntlm_greeting() {
    return base64(text_of(NTLMCredentials::formatNegotiateMessage({})));
}

std::optional<std::string> ntlm_answer(std::string_view challenge, std::string_view login,
                                       const std::string &password, const NtlmChance &chance) {
    const auto bytes = from_base64(challenge);
    if (!bytes || !well_formed_challenge(*bytes)) return std::nullopt;
    try {
        NTLMCredentials::ChallengeMessage asked;
        if (!NTLMCredentials::parseChallengeMessage(reinterpret_cast<const unsigned char *>(bytes->data()),
                                                    bytes->size(), asked))
            return std::nullopt;
        if ((asked.flags & NTLMCredentials::NTLM_FLAG_NEGOTIATE_NTLM2_KEY) == 0) return std::nullopt;
        const NtlmName name = ntlm_name(login);
        NTLMCredentials::AuthenticateMessage answer;
        answer.flags = asked.flags & our_flags;
        answer.target = name.domain.value_or(asked.target);
        answer.username = name.user;
        const auto hash = NTLMCredentials::createNTLMv2Hash(answer.username, answer.target, password);
        answer.lmResponse = NTLMCredentials::createLMv2Response(hash, asked.challenge, chance.nonce);
        answer.ntlmResponse = NTLMCredentials::createNTLMv2Response(hash, asked.challenge, chance.nonce,
                                                                    asked.targetInfo, chance.time);
        return base64(text_of(NTLMCredentials::formatAuthenticateMessage(answer)));
    } catch (const Poco::Exception &) {
        return std::nullopt;
    }
}

} // namespace roe::net
