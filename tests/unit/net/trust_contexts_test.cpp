#include "net/trust.hpp"

#include <gmock/gmock.h>

#include "streams.hpp"

namespace roe::net {
namespace {

using test::Identity;
using testing::HasSubstr;

TEST(TrustContexts, The_same_policy_shares_one_context) {
    TrustContexts contexts;
    Trust own;
    own.ca_pem = Identity({.name = "Our own authority", .authority = true}).certificate_pem();
    const auto system = contexts.context_for({});
    const auto with_own = contexts.context_for(own);
    ASSERT_TRUE(system);
    ASSERT_TRUE(with_own);
    EXPECT_EQ(system->get(), contexts.context_for({})->get());
    EXPECT_EQ(with_own->get(), contexts.context_for(own)->get());
    EXPECT_NE(system->get(), with_own->get());
}

TEST(TrustContexts, All_pins_share_one_context_as_the_pin_is_checked_apart) {
    TrustContexts contexts;
    Trust one;
    one.pinned_sha256 = std::string(64, 'a');
    Trust other;
    other.pinned_sha256 = std::string(64, 'b');
    EXPECT_EQ(contexts.context_for(one)->get(), contexts.context_for(other)->get());
    EXPECT_NE(contexts.context_for(one)->get(), contexts.context_for({})->get());
}

TEST(TrustContexts, Unused_ones_go_when_there_are_too_many) {
    TrustContexts contexts(2);
    const auto policy = [] {
        Trust trust;
        trust.ca_pem = Identity({.authority = true}).certificate_pem();
        return trust;
    };
    const Trust kept_policy = policy();
    const auto kept = contexts.context_for(kept_policy);
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(contexts.context_for(policy()));
    EXPECT_EQ(contexts.context_for(kept_policy)->get(), kept->get()) << "in use";
}

TEST(TrustContexts, Texts_that_are_no_pem_are_refused_with_words) {
    TrustContexts contexts;
    Trust bad_authority;
    bad_authority.ca_pem = "my certificate";
    auto made = contexts.context_for(bad_authority);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::tls);
    EXPECT_THAT(made.error().advice, HasSubstr("PEM"));

    Trust bad_pin;
    bad_pin.pinned_sha256 = "abcd";
    EXPECT_THAT(contexts.context_for(bad_pin).error().advice, HasSubstr("64 hexadecimal digits"));
}

TEST(TrustContexts, A_client_certificate_needs_its_own_key) {
    TrustContexts contexts;
    const Identity robot{{}};
    const Identity other{{}};
    Trust trust;
    trust.client_certificate = robot.certificate_pem();
    EXPECT_THAT(contexts.context_for(trust).error().advice, HasSubstr("private key"));
    trust.client_certificate = robot.key_pem();
    EXPECT_THAT(contexts.context_for(trust).error().advice, HasSubstr("no certificate"));
    trust.client_certificate = robot.certificate_pem() + other.key_pem();
    EXPECT_THAT(contexts.context_for(trust).error().advice, HasSubstr("does not belong"));
    trust.client_certificate = robot.key_pem() + robot.certificate_pem();
    EXPECT_TRUE(contexts.context_for(trust));
}

TEST(Fingerprint, Is_taken_in_every_common_spelling) {
    std::string colons;
    for (int i = 0; i < 32; ++i)
        colons += i == 0 ? "AB" : ":AB";
    std::string plain;
    for (int i = 0; i < 32; ++i)
        plain += "ab";
    EXPECT_EQ(normal_fingerprint(colons), plain);
    EXPECT_EQ(normal_fingerprint("SHA256 Fingerprint=" + colons + "\n"), plain);
    EXPECT_EQ(normal_fingerprint(plain), plain);
    EXPECT_EQ(normal_fingerprint(plain + "a"), "");
    EXPECT_EQ(normal_fingerprint("zz" + plain.substr(2)), "");
    EXPECT_EQ(normal_fingerprint(""), "");
}

} // namespace
} // namespace roe::net
