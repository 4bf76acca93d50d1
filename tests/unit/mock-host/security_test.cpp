#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/base64.hpp"
#include "security/key_ring.hpp"
#include "security/password_hash.hpp"
#include "security/users.hpp"
#include "support/scratch.hpp"

namespace {

using host::KeyRing;
using host::SecretRefused;

KeyRing::Key key_of(unsigned char byte) {
    KeyRing::Key key{};
    key.fill(byte);
    return key;
}

std::string key_text(unsigned char byte) {
    return host::base64(std::string(32, static_cast<char>(byte)));
}

TEST(Secrets, What_was_sealed_opens_under_the_same_context_only) {
    const KeyRing keys({key_of(1)});
    const auto sealed = keys.seal("mailbox 1", "correct horse");
    EXPECT_EQ(keys.open("mailbox 1", sealed), "correct horse");
    EXPECT_THROW(static_cast<void>(keys.open("mailbox 2", sealed)), SecretRefused);
    EXPECT_EQ(sealed.find("correct"), std::string::npos);
}

TEST(Secrets, The_same_secret_never_looks_the_same_twice) {
    const KeyRing keys({key_of(1)});
    EXPECT_NE(keys.seal("c", "x"), keys.seal("c", "x"));
}

TEST(Secrets, A_change_of_any_character_is_noticed) {
    const KeyRing keys({key_of(1)});
    const auto sealed = keys.seal("c", "a secret of some length");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto changed = sealed;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_THROW(static_cast<void>(keys.open("c", changed)), SecretRefused) << at;
    }
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        EXPECT_THROW(static_cast<void>(keys.open("c", sealed.substr(0, length))), SecretRefused) << length;
    }
}

TEST(Secrets, An_old_key_opens_and_the_new_one_seals) {
    const KeyRing before({key_of(1)});
    const auto old_text = before.seal("c", "x");
    const KeyRing rotated({key_of(2), key_of(1)});
    EXPECT_EQ(rotated.open("c", old_text), "x");
    EXPECT_THROW(static_cast<void>(before.open("c", rotated.seal("c", "x"))), SecretRefused);
}

TEST(Secrets, Keys_are_read_as_lines_or_parted_by_commas) {
    const auto old_text = KeyRing({key_of(7)}).seal("c", "x");
    EXPECT_EQ(KeyRing::from_text(key_text(8) + "\n" + key_text(7) + "\n").open("c", old_text), "x");
    EXPECT_EQ(KeyRing::from_text(key_text(8) + "," + key_text(7)).open("c", old_text), "x");
    EXPECT_THROW(KeyRing::from_text(""), SecretRefused);
    EXPECT_THROW(KeyRing::from_text(host::base64("too short")), SecretRefused);
    EXPECT_THROW(KeyRing::from_text("not base64 at all, really"), SecretRefused);
}

TEST(Secrets, The_hosts_own_key_is_made_once_and_is_private) {
    const host::testing::Scratch scratch;
    const auto data = scratch / "data";
    const auto sealed = host::find_keys(std::nullopt, data).seal("c", "x");
    EXPECT_EQ(host::find_keys(std::nullopt, data).open("c", sealed), "x");
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(data / "secret.key").permissions(),
              perms::owner_read | perms::owner_write);
}

TEST(Secrets, A_key_file_that_is_not_there_is_not_made) {
    const host::testing::Scratch scratch;
    EXPECT_THROW(host::find_keys(scratch / "absent", scratch.path()), SecretRefused);
    EXPECT_FALSE(std::filesystem::exists(scratch / "absent"));
}

TEST(Passwords, Only_the_password_itself_matches_its_hash) {
    const auto hash = host::hash_password("pässword");
    EXPECT_TRUE(host::is_password_hash(hash));
    EXPECT_TRUE(host::password_matches("pässword", hash));
    EXPECT_FALSE(host::password_matches("password", hash));
    EXPECT_NE(hash, host::hash_password("pässword"));
    EXPECT_FALSE(host::is_password_hash("pässword"));
    EXPECT_FALSE(host::password_matches("", "scrypt$1$1$1$$"));
}

TEST(UsersByToken, A_token_names_its_user_and_nothing_else_does) {
    const host::Users users({{"ann", host::Role::administrator, "", {}, "token-a"},
                             {"bob", host::Role::user, "t", {}, "token-b"},
                             {"no token", host::Role::user, "", {}, {}}});
    ASSERT_TRUE(users.by_token("token-b"));
    EXPECT_EQ(users.by_token("token-b")->name, "bob");
    EXPECT_EQ(users.by_token("token-b")->tenant, "t");
    EXPECT_FALSE(users.by_token(""));
    EXPECT_FALSE(users.by_token("token-"));
    EXPECT_FALSE(users.by_token("token-a\n"));
}

TEST(Base64, Turns_back_into_what_it_was_and_refuses_the_rest) {
    for (const std::string bytes : {"", "f", "fo", "foo", "foob"}) {
        EXPECT_EQ(host::from_base64(host::base64(bytes)), bytes);
    }
    EXPECT_FALSE(host::from_base64("Zg"));
    EXPECT_FALSE(host::from_base64("Z*=="));
}

} // namespace
