#include "net/ntlm.hpp"

#include <gmock/gmock.h>

#include "net/base64.hpp"

namespace roe::net {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16));
    return bytes;
}

std::string utf16(std::string_view ascii) {
    std::string text;
    for (const char c : ascii)
        text.append(1, c).append(1, '\0');
    return text;
}

// MS-NLMP §4.2.4.3, the server's challenge: target "Server", target info of "Domain" and "Server".
const std::string known_challenge =
    bytes_of("4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000"
             "06007017000000005300650072007600650072000200"
             "0c0044006f006d00610069006e0001000c0053006500720076006500720000000000");
// §4.2.1: the client's challenge, and time 0.
const NtlmChance known_chance{std::vector<unsigned char>(8, 0xaa), 0};

TEST(Ntlm, The_answer_is_the_one_that_the_specification_computes) {
    const auto answer = ntlm_answer(base64(known_challenge), "Domain\\User", "Password", known_chance);
    ASSERT_TRUE(answer);
    const std::string message = *from_base64(*answer);
    // §4.2.4.2.1 and §4.2.4.2.2
    EXPECT_THAT(message, HasSubstr(bytes_of("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa")));
    EXPECT_THAT(message, HasSubstr(bytes_of("68cd0ab851e51c96aabc927bebef6a1c0101000000000000")));
    EXPECT_THAT(message, HasSubstr(utf16("DomainUser")));
}

// The flags say whether there is a session key and a version, and there is neither.
TEST(Ntlm, Nothing_is_agreed_to_that_is_not_done) {
    const std::string message =
        *from_base64(*ntlm_answer(base64(known_challenge), "Domain\\User", "Password", known_chance));
    const auto flags = static_cast<unsigned char>(message[63]);
    EXPECT_EQ(flags & 0x42U, 0U); // key exchange, version
}

TEST(Ntlm, A_login_without_a_domain_is_of_the_servers_and_an_address_is_of_none) {
    const auto message = [](std::string_view login) {
        return *from_base64(*ntlm_answer(base64(known_challenge), login, "Password", known_chance));
    };
    EXPECT_THAT(message("User"), HasSubstr(utf16("ServerUser")));
    EXPECT_THAT(message("User@domain.example"), HasSubstr(utf16("User@domain.example")));
    EXPECT_THAT(message("User@domain.example"), Not(HasSubstr(utf16("ServerUser"))));
    EXPECT_EQ(ntlm_name("A\\b").domain, "A");
    EXPECT_EQ(ntlm_name("A\\b").user, "b");
}

TEST(Ntlm, A_broken_challenge_gives_no_answer) {
    std::string overflowing = known_challenge; // offset and length of the target, whose sum wraps in 32 bits
    overflowing.replace(16, 4, "\xff\xff\xff\xff");
    std::string facts_outside = known_challenge;
    facts_outside.replace(44, 4, bytes_of("00000100"));
    std::string first_version = known_challenge;
    first_version[22] = 0; // without NTLM2_KEY and target info
    const std::string cut = known_challenge.substr(0, 40);
    for (const std::string &broken : {std::string(), std::string("NTLMSSP"), overflowing, facts_outside,
                                      first_version, cut, std::string(64, 'x')})
        EXPECT_FALSE(ntlm_answer(base64(broken), "User", "Password", known_chance));
    EXPECT_FALSE(ntlm_answer("not Base64!", "User", "Password", known_chance));
    for (std::size_t size = 0; size < known_challenge.size(); ++size)
        ntlm_answer(base64(known_challenge.substr(0, size)), "User", "Password", known_chance);
}

TEST(Base64, Bytes_come_back_whatever_their_number) {
    for (const auto *text : {"", "a", "ab", "abc", "abcd"})
        EXPECT_EQ(from_base64(base64(text)), text);
    EXPECT_EQ(base64("Aladdin:open sesame"), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(from_base64("abc"), std::nullopt);
    EXPECT_EQ(from_base64("ab!="), std::nullopt);
}

} // namespace
} // namespace roe::net
