// The mechanisms by the examples of their RFCs. Where a client chooses a nonce of its own, the server's side is
// computed here by OpenSSL and held against the RFC's example first.
#include "net/sasl.hpp"

#include <array>
#include <set>

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace roe::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string base64(const std::string &bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()),
                        reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string unbase64(const std::string &text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char *>(bytes.data()),
                    reinterpret_cast<const unsigned char *>(text.data()), static_cast<int>(text.size()));
    while (!text.empty() && text.ends_with('=') && bytes.ends_with('\0'))
        bytes.pop_back();
    return bytes;
}

std::string bytes_of(const unsigned char *bytes, unsigned size) {
    return {reinterpret_cast<const char *>(bytes), size};
}

std::string hash(const EVP_MD *kind, const std::string &text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), out.data(), &size, kind, nullptr);
    return bytes_of(out.data(), size);
}

std::string hmac(const EVP_MD *kind, const std::string &key, const std::string &text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(kind, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char *>(text.data()),
         text.size(), out.data(), &size);
    return bytes_of(out.data(), size);
}

std::string hex(const std::string &bytes) {
    std::string text;
    for (const char c : bytes) {
        text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
        text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return text;
}

// "n" of "…,n=value,…"
std::string attribute(const std::string &message, const std::string &name) {
    const std::size_t at = ("," + message).find("," + name + "=");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 1;
    return message.substr(begin, message.find(',', begin) - begin);
}

// RFC 5802 §3
struct Scram {
    const EVP_MD *kind;
    std::string password, salt; // the salt as bytes
    int iterations = 4096;

    struct Proofs {
        std::string client, server; // Base64
    };
    [[nodiscard]] Proofs of(const std::string &auth_message) const {
        std::string salted(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char *>(salt.data()), static_cast<int>(salt.size()),
                          iterations, kind, static_cast<int>(salted.size()),
                          reinterpret_cast<unsigned char *>(salted.data()));
        std::string proof = hmac(kind, salted, "Client Key");
        const std::string signature = hmac(kind, hash(kind, proof), auth_message);
        for (std::size_t i = 0; i < proof.size(); ++i)
            proof[i] = static_cast<char>(proof[i] ^ signature[i]);
        return {base64(proof), base64(hmac(kind, hmac(kind, salted, "Server Key"), auth_message))};
    }
};

TEST(Scram, The_server_of_these_tests_computes_as_RFC_5802_and_7677_do) {
    const Scram sha1{EVP_sha1(), "pencil", unbase64("QSXCR+Q6sek8bf92")};
    const auto old = sha1.of("n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                             "s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j");
    EXPECT_EQ(old.client, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    EXPECT_EQ(old.server, "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    const Scram sha256{EVP_sha256(), "pencil", unbase64("W22ZaJ0SNY7soEsUEjb6gQ==")};
    const auto now = sha256.of("n=user,r=rOprNGfwEbeRWgbNEkqO,"
                               "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                               "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
                               "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    EXPECT_EQ(now.client, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    EXPECT_EQ(now.server, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

class ScramExchange : public testing::TestWithParam<Mechanism> {
  protected:
    // The server's first words to what the client has said; remembers what the proofs are over.
    std::string server_first(const std::string &client_first,
                             const std::string &rest = ",s=QSXCR+Q6sek8bf92,i=4096") {
        EXPECT_THAT(client_first, StartsWith("n,,n=ann,r="));
        const std::string bare = client_first.substr(3);
        nonce_ = attribute(bare, "r") + "3rfcNHYJY1ZVvWVs7j";
        const std::string first = "r=" + nonce_ + rest;
        auth_message_ = bare + "," + first + ",c=biws,r=" + nonce_;
        return first;
    }
    [[nodiscard]] Scram server() const {
        return {GetParam() == Mechanism::scram_sha_1 ? EVP_sha1() : EVP_sha256(), "pencil",
                unbase64("QSXCR+Q6sek8bf92")};
    }
    std::string nonce_, auth_message_;
    SaslExchange exchange_{GetParam(), {.login = "ann", .password = "pencil"}};
};

TEST_P(ScramExchange, Proves_the_password_and_wants_the_server_to_prove_it_too) {
    ASSERT_TRUE(exchange_.client_begins());
    const auto first = exchange_.answer("");
    ASSERT_TRUE(first);
    EXPECT_FALSE(exchange_.judged());
    const auto proof = exchange_.answer(base64(server_first(unbase64(*first))));
    ASSERT_TRUE(proof) << exchange_.failure();
    EXPECT_TRUE(exchange_.judged());
    EXPECT_FALSE(exchange_.complete());
    EXPECT_EQ(unbase64(*proof), "c=biws,r=" + nonce_ + ",p=" + server().of(auth_message_).client);
    const auto thanks = exchange_.answer(base64("v=" + server().of(auth_message_).server));
    ASSERT_TRUE(thanks) << exchange_.failure();
    EXPECT_EQ(*thanks, "");
    EXPECT_TRUE(exchange_.complete());
}

TEST_P(ScramExchange, A_server_that_does_not_know_the_password_is_an_impostor) {
    const auto first = exchange_.answer("");
    ASSERT_TRUE(exchange_.answer(base64(server_first(unbase64(*first)))));
    Scram guessing = server();
    guessing.password = "pencils";
    EXPECT_FALSE(exchange_.answer(base64("v=" + guessing.of(auth_message_).server)));
    EXPECT_TRUE(exchange_.impostor());
    EXPECT_FALSE(exchange_.complete());
}

TEST_P(ScramExchange, A_server_that_repeats_somebody_elses_words_is_an_impostor) {
    const auto first = exchange_.answer("");
    ASSERT_TRUE(first);
    EXPECT_FALSE(
        exchange_.answer(base64("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")));
    EXPECT_TRUE(exchange_.impostor());
}

TEST_P(ScramExchange, A_servers_reason_for_its_refusal_is_heard_out) {
    const auto first = exchange_.answer("");
    ASSERT_TRUE(exchange_.answer(base64(server_first(unbase64(*first)))));
    EXPECT_EQ(exchange_.answer(base64("e=invalid-proof")), "");
    EXPECT_FALSE(exchange_.complete());
    EXPECT_FALSE(exchange_.impostor());
}

TEST_P(ScramExchange, Work_beyond_reason_is_not_done) {
    for (const char *iterations :
         {"1000001", "4294967295", "18446744073709551616", "0", "-1", "", "x", "4096x"}) {
        SaslExchange exchange(GetParam(), {.login = "ann", .password = "pencil"});
        const auto first = exchange.answer("");
        EXPECT_FALSE(exchange.answer(
            base64(server_first(unbase64(*first), std::string(",s=QSXCR+Q6sek8bf92,i=") + iterations))))
            << iterations;
        EXPECT_THAT(exchange.failure(), testing::HasSubstr("iterations"));
        EXPECT_FALSE(exchange.judged());
    }
}

TEST_P(ScramExchange, Each_attempt_has_a_nonce_of_its_own) {
    SaslExchange other(GetParam(), {.login = "ann", .password = "pencil"});
    EXPECT_NE(exchange_.answer(""), other.answer(""));
}

INSTANTIATE_TEST_SUITE_P(Both, ScramExchange, testing::Values(Mechanism::scram_sha_1, Mechanism::scram_sha_256),
                         [](const auto &tested) {
                             return tested.param == Mechanism::scram_sha_1 ? "SHA1" : "SHA256";
                         });

TEST(CramMd5, The_example_of_RFC_2195) {
    SaslExchange exchange(Mechanism::cram_md5, {.login = "tim", .password = "tanstaaftanstaaf"});
    EXPECT_FALSE(exchange.client_begins());
    const auto answer = exchange.answer("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
    EXPECT_EQ(answer, "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    EXPECT_TRUE(exchange.judged());
    EXPECT_TRUE(exchange.complete());
}

// RFC 2831 §2.1.2.1
struct Digest {
    std::string user, realm, password, nonce, cnonce, uri;
    [[nodiscard]] std::string response(const std::string &method) const {
        const std::string a1 =
            hash(EVP_md5(), user + ":" + realm + ":" + password) + ":" + nonce + ":" + cnonce;
        const std::string a2 = method + ":" + uri;
        return hex(hash(EVP_md5(), hex(hash(EVP_md5(), a1)) + ":" + nonce + ":00000001:" + cnonce +
                                       ":auth:" + hex(hash(EVP_md5(), a2))));
    }
};

std::string unquoted(std::string text) {
    std::erase_if(text, [](char c) { return c == '"' || c == ' '; });
    return text;
}

TEST(DigestMd5, The_server_of_these_tests_computes_as_RFC_2831_does) {
    const Digest example{"chris",          "elwood.innosoft.com", "secret",
                         "OA6MG9tEQGm2hh", "OA6MHXh6VqTrRk",      "imap/elwood.innosoft.com"};
    EXPECT_EQ(example.response("AUTHENTICATE"), "d388dad90d4bbd760a152321f2143af7");
    EXPECT_EQ(example.response(""), "ea40f60335c427b5527b84dbabcdfffd");
}

// What the client says to a challenge, as the server sees it.
struct Answered {
    Answered(const std::string &login, const std::string &realms)
        : exchange(Mechanism::digest_md5,
                   {.login = login, .password = "secret", .service = "imap", .server = "elwood.innosoft.com"}) {
        const auto answer = exchange.answer(
            base64(realms + "nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,charset=utf-8"));
        if (!answer) return;
        const std::string words = unquoted(unbase64(*answer));
        said = {attribute(words, "username"), attribute(words, "realm"),  "secret",
                attribute(words, "nonce"),    attribute(words, "cnonce"), attribute(words, "digest-uri")};
        response = attribute(words, "response");
    }
    SaslExchange exchange;
    Digest said;
    std::string response;
};

TEST(DigestMd5, Proves_the_password_and_wants_the_server_to_prove_it_too) {
    Answered to("chris", R"(realm="elwood.innosoft.com",)");
    EXPECT_EQ(to.said.user, "chris");
    EXPECT_EQ(to.said.realm, "elwood.innosoft.com");
    EXPECT_EQ(to.said.uri, "imap/elwood.innosoft.com");
    EXPECT_EQ(to.response, to.said.response("AUTHENTICATE"));
    EXPECT_TRUE(to.exchange.judged());
    EXPECT_FALSE(to.exchange.complete());
    EXPECT_EQ(to.exchange.answer(base64("rspauth=" + to.said.response(""))), "");
    EXPECT_TRUE(to.exchange.complete());
}

TEST(DigestMd5, A_server_that_does_not_know_the_password_is_an_impostor) {
    Answered to("chris", R"(realm="elwood.innosoft.com",)");
    EXPECT_FALSE(to.exchange.answer(base64("rspauth=00000000000000000000000000000000")));
    EXPECT_TRUE(to.exchange.impostor());
}

TEST(DigestMd5, An_address_names_its_realm_unless_the_server_has_others) {
    for (const char *realms :
         {"", R"(realm="",)", R"(realm="example.com",)", R"(realm="a",realm="example.com",)"}) {
        const Answered to("ann@example.com", realms);
        EXPECT_EQ(to.said.user, "ann") << realms;
        EXPECT_EQ(to.said.realm, "example.com") << realms;
        EXPECT_EQ(to.response, to.said.response("AUTHENTICATE")) << realms;
    }
    const Answered to("ann@example.com", R"(realm="elwood.innosoft.com",)");
    EXPECT_EQ(to.said.user, "ann@example.com");
    EXPECT_EQ(to.said.realm, "elwood.innosoft.com");
}

TEST(Plain, The_example_of_RFC_4616) {
    using namespace std::string_literals;
    SaslExchange exchange(Mechanism::plain, {.login = "tim", .password = "tanstaaftanstaaf"});
    EXPECT_TRUE(exchange.client_begins());
    EXPECT_EQ(unbase64(exchange.answer("").value_or("")), "\0tim\0tanstaaftanstaaf"s);
    EXPECT_TRUE(exchange.judged());
    EXPECT_TRUE(exchange.complete());
}

TEST(Login, Says_name_and_password_whatever_the_prompts_are) {
    SaslExchange exchange(Mechanism::login, {.login = "tim", .password = "secret"});
    EXPECT_FALSE(exchange.client_begins());
    EXPECT_EQ(exchange.answer("VXNlciBOYW1lAA=="), base64("tim"));
    EXPECT_FALSE(exchange.judged());
    EXPECT_EQ(exchange.answer("Password:"), base64("secret"));
    EXPECT_TRUE(exchange.judged());
    EXPECT_TRUE(exchange.complete());
}

TEST(External, Names_the_mailbox_that_the_certificate_is_to_be_good_for) {
    SaslExchange exchange(Mechanism::external,
                          {.login = "ann@example.com", .password = "", .certificate = true});
    EXPECT_TRUE(exchange.client_begins());
    EXPECT_EQ(exchange.answer(""), base64("ann@example.com"));
    EXPECT_TRUE(exchange.complete());
}

TEST(Anonymous, Says_nothing_of_us) {
    SaslExchange exchange(Mechanism::anonymous, {.login = "ann@example.com", .password = "secret"});
    EXPECT_EQ(exchange.answer(""), "");
    EXPECT_TRUE(exchange.complete());
}

TEST(SaslExchange, What_is_no_challenge_breaks_the_attempt_off_for_good) {
    const std::string endless(20'000, 'A');
    for (const std::string &challenge : {std::string("*not base64*"), endless}) {
        for (const auto mechanism : {Mechanism::cram_md5, Mechanism::digest_md5}) {
            SaslExchange exchange(mechanism, {.login = "ann", .password = "secret"});
            EXPECT_FALSE(exchange.answer(challenge));
            EXPECT_FALSE(exchange.failure().empty());
            EXPECT_FALSE(exchange.answer("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"));
            EXPECT_FALSE(exchange.judged());
        }
    }
}

TEST(SaslExchange, Nothing_is_said_after_the_end) {
    SaslExchange exchange(Mechanism::plain, {.login = "ann", .password = "secret"});
    EXPECT_TRUE(exchange.answer(""));
    EXPECT_FALSE(exchange.answer(""));
    EXPECT_FALSE(exchange.answer("PDE4"));
}

TEST(SaslExchange, A_NUL_in_a_password_does_not_cut_it_short) {
    SaslExchange exchange(Mechanism::plain, {.login = "ann", .password = std::string_view("a\0b", 3)});
    EXPECT_FALSE(exchange.answer(""));
}

std::vector<Mechanism> chosen(const std::set<std::string, std::less<>> &offered, bool encrypted,
                              const Credentials &credentials = {.login = "ann", .password = "secret"}) {
    return mechanisms_for(
        credentials, [&](std::string_view name) { return offered.contains(name); }, encrypted);
}

const std::set<std::string, std::less<>> all{"PLAIN",       "LOGIN",           "CRAM-MD5",  "DIGEST-MD5",
                                             "SCRAM-SHA-1", "EXTERNAL",        "ANONYMOUS", "SCRAM-SHA-256",
                                             "GSSAPI",      "SCRAM-SHA-1-PLUS"};

TEST(Mechanisms, A_ticket_goes_first_and_alone_unless_there_is_a_password) {
    EXPECT_THAT(chosen(all, true, {.login = "ann", .password = "", .ticket = true}),
                ElementsAre(Mechanism::gssapi));
    EXPECT_EQ(chosen(all, true, {.login = "ann", .password = "secret", .ticket = true}).front(),
              Mechanism::gssapi);
    EXPECT_EQ(chosen(all, true).front(), Mechanism::scram_sha_256);
    EXPECT_THAT(chosen({"PLAIN"}, true, {.login = "ann", .password = "", .ticket = true}), IsEmpty());
    // Whether the ticket will do is not known yet: in clear nothing follows that shows the password.
    EXPECT_THAT(chosen({"PLAIN", "GSSAPI"}, false, {.login = "ann", .password = "secret", .ticket = true}),
                ElementsAre(Mechanism::gssapi));
}

TEST(Mechanisms, In_clear_the_strongest_is_first_and_none_shows_the_password) {
    EXPECT_THAT(chosen(all, false), ElementsAre(Mechanism::scram_sha_256, Mechanism::scram_sha_1,
                                                Mechanism::digest_md5, Mechanism::cram_md5));
    EXPECT_THAT(chosen({"PLAIN", "LOGIN", "CRAM-MD5"}, false), ElementsAre(Mechanism::cram_md5));
    EXPECT_THAT(chosen({"PLAIN", "LOGIN"}, false), ElementsAre(Mechanism::plain, Mechanism::login));
}

TEST(Mechanisms, Over_TLS_a_password_is_safer_than_MD5) {
    EXPECT_THAT(chosen(all, true),
                ElementsAre(Mechanism::scram_sha_256, Mechanism::scram_sha_1, Mechanism::plain,
                            Mechanism::login, Mechanism::digest_md5, Mechanism::cram_md5));
}

TEST(Mechanisms, A_certificate_is_a_login_where_the_server_says_so) {
    EXPECT_THAT(chosen(all, true, {.login = "ann", .password = "", .certificate = true}),
                ElementsAre(Mechanism::external));
    EXPECT_THAT(chosen({"EXTERNAL", "PLAIN"}, true, {.login = "ann", .password = "x", .certificate = true}),
                ElementsAre(Mechanism::external, Mechanism::plain));
    EXPECT_THAT(chosen({"PLAIN"}, true, {.login = "ann", .password = "", .certificate = true}), IsEmpty());
    EXPECT_THAT(chosen({"EXTERNAL"}, true), IsEmpty());
}

TEST(Mechanisms, Letters_that_DIGEST_MD5_is_read_differently_with_are_left_to_CRAM_MD5) {
    EXPECT_THAT(chosen({"DIGEST-MD5", "CRAM-MD5"}, false, {.login = "ann", .password = "Wörd"}),
                ElementsAre(Mechanism::cram_md5, Mechanism::digest_md5));
}

} // namespace
} // namespace roe::net
