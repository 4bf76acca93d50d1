// Whom a stream believes, and in which words it tells people whom it does not.
#include <gmock/gmock.h>

#include "streams.hpp"

namespace roe::net {
namespace {

using test::Identity;
using test::Peer;
using test::Server;
using test::TlsWish;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Identity &authority() {
    static const Identity made({.name = "Our own authority", .hosts = {}, .authority = true});
    return made;
}

Identity issued(Identity::Wish wish = {}) {
    wish.issuer = &authority();
    return Identity(wish);
}

Trust our_authority() {
    Trust trust;
    trust.ca_pem = authority().certificate_pem();
    return trust;
}

Trust pin(const std::string &sha256) {
    Trust trust;
    trust.pinned_sha256 = sha256;
    return trust;
}

// What start_tls says to a server that does as told.
class Handshake {
  public:
    explicit Handshake(const TlsWish &wish, const Trust &trust = {}, const std::string &host = "localhost")
        : server_([this, wish](Peer &peer) {
              peer.start_tls(wish);
              server_name = peer.server_name();
              peer.write("hello");
              peer.wait_for_end();
          }),
          stream(connect_to(server_)), result(stream->start_tls(host, trust, in(patience))) {}

    [[nodiscard]] std::string fault_words() const { return result ? "no error" : words(result.error()); }

    std::string server_name;

  private:
    Server server_;

  public:
    std::unique_ptr<Stream> stream;
    Result<TlsFacts> result;
};

TEST(TlsTrust, A_name_in_any_script_is_held_against_the_certificate_as_DNS_knows_it) {
    const Identity identity = issued({.name = "xn--bcher-kva.example"});
    Handshake shaken({.identity = identity}, our_authority(), "bücher.example");
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
    EXPECT_EQ(shaken.server_name, "xn--bcher-kva.example") << "SNI";
    Handshake other({.identity = identity}, our_authority(), "küche.example");
    EXPECT_FALSE(other.result);
}

TEST(TlsTrust, A_private_authority_is_trusted_where_it_is_set) {
    const Identity identity = issued();
    Handshake shaken({.identity = identity}, our_authority());
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    EXPECT_TRUE(shaken.stream->encrypted());
    EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
    EXPECT_EQ(shaken.server_name, "localhost") << "SNI";

    const TlsFacts &facts = *shaken.result;
    EXPECT_EQ(facts.protocol, "TLSv1.3");
    EXPECT_THAT(facts.cipher, HasSubstr("TLS_AES"));
    EXPECT_EQ(facts.certificate.subject, "CN = localhost");
    EXPECT_EQ(facts.certificate.issuer, "CN = Our own authority");
    EXPECT_EQ(facts.certificate.sha256, identity.sha256());
    EXPECT_THAT(facts.certificate.not_after, testing::MatchesRegex("20[0-9-]{8}T[0-9:]{8}Z"));
}

TEST(TlsTrust, Tls_1_2_is_new_enough) {
    Handshake shaken({.identity = issued(), .newest_version = TLS1_2_VERSION}, our_authority());
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    EXPECT_EQ(shaken.result->protocol, "TLSv1.2");
    EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
}

TEST(TlsTrust, An_intermediate_set_as_authority_suffices) {
    const Identity intermediate(
        {.name = "Mail authority", .hosts = {}, .issuer = &authority(), .authority = true});
    Trust trust;
    trust.ca_pem = intermediate.certificate_pem();
    Handshake shaken({.identity = Identity({.issuer = &intermediate})}, trust);
    EXPECT_TRUE(shaken.result) << shaken.fault_words();
}

TEST(TlsTrust, The_servers_own_self_signed_certificate_may_be_set_as_authority) {
    const Identity identity{{}};
    Trust trust;
    trust.ca_pem = identity.certificate_pem();
    Handshake shaken({.identity = identity}, trust);
    EXPECT_TRUE(shaken.result) << shaken.fault_words();
}

TEST(TlsTrust, A_chain_sent_by_the_server_is_followed_to_the_authority) {
    const Identity intermediate(
        {.name = "Mail authority", .hosts = {}, .issuer = &authority(), .authority = true});
    const TlsWish wish{.identity = Identity({.issuer = &intermediate}), .chain = {intermediate}};
    Handshake shaken(wish, our_authority());
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    ASSERT_EQ(shaken.result->above.size(), 1U) << "what was sent is told, the server's own apart";
    EXPECT_EQ(shaken.result->above.front().subject, "CN = Mail authority");
    EXPECT_EQ(shaken.result->above.front().sha256, intermediate.sha256());
}

TEST(TlsTrust, A_refused_certificate_is_told_all_the_same) {
    const Identity identity{{}};
    Handshake shaken({.identity = identity}, our_authority());
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.stream->refused_certificate().certificate.sha256, identity.sha256());
}

TEST(TlsTrust, A_self_signed_certificate_is_refused_and_its_pin_offered) {
    const Identity identity{{}};
    Handshake shaken({.identity = identity});
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::untrusted);
    EXPECT_EQ(shaken.result.error().step, "tls");
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("self-signed"), HasSubstr(identity.sha256())));
    EXPECT_THAT(shaken.result.error().doing, HasSubstr("setting up TLS with 127.0.0.1:"));
    EXPECT_EQ(shaken.stream->descriptor(), -1) << "closed for good";
}

TEST(TlsTrust, An_unknown_authority_is_refused_by_name) {
    const Identity identity = issued();
    Handshake shaken({.identity = identity});
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::untrusted);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("authority is not known"), HasSubstr("Our own authority"),
                                            HasSubstr("CA certificate"), HasSubstr(identity.sha256())));
}

TEST(TlsTrust, Another_private_authority_does_not_help) {
    Trust trust;
    trust.ca_pem = Identity({.name = "Someone else", .hosts = {}, .authority = true}).certificate_pem();
    Handshake shaken({.identity = issued()}, trust);
    ASSERT_FALSE(shaken.result);
    EXPECT_THAT(shaken.fault_words(), HasSubstr("right CA certificate"));
}

TEST(TlsTrust, An_expired_certificate_is_refused_as_expired) {
    const Identity identity =
        issued({.valid_from = std::chrono::hours(-48), .valid_to = std::chrono::hours(-1)});
    Handshake shaken({.identity = identity}, our_authority());
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::untrusted);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("expired"), HasSubstr("renewed"),
                                            HasSubstr(identity.sha256()), Not(HasSubstr("self-signed"))));
}

TEST(TlsTrust, A_certificate_of_tomorrow_points_to_the_clock) {
    const Identity identity =
        issued({.valid_from = std::chrono::hours(12), .valid_to = std::chrono::hours(48)});
    Handshake shaken({.identity = identity}, our_authority());
    ASSERT_FALSE(shaken.result);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("not yet valid"), HasSubstr("clock")));
}

TEST(TlsTrust, A_certificate_for_another_host_is_refused_on_loopback_too) {
    const Identity identity = issued({.name = "mail.example.com"});
    Handshake shaken({.identity = identity}, our_authority());
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::untrusted);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("another host"), HasSubstr("mail.example.com"),
                                            HasSubstr("instead of localhost"), HasSubstr(identity.sha256())));
}

TEST(TlsTrust, A_wildcard_stands_for_one_label) {
    const Identity identity = issued({.name = "*.example.com"});
    EXPECT_TRUE(Handshake({.identity = identity}, our_authority(), "imap.example.com").result);
    EXPECT_TRUE(Handshake({.identity = identity}, our_authority(), "IMAP.Example.com.").result);
    EXPECT_FALSE(Handshake({.identity = identity}, our_authority(), "a.b.example.com").result);
    EXPECT_FALSE(Handshake({.identity = identity}, our_authority(), "example.com").result);
}

TEST(TlsTrust, A_literal_address_is_checked_and_not_sent_as_server_name) {
    const Identity identity = issued({.hosts = {}, .addresses = {"127.0.0.1"}});
    Handshake shaken({.identity = identity}, our_authority(), "127.0.0.1");
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
    EXPECT_EQ(shaken.server_name, "");
    EXPECT_FALSE(Handshake({.identity = identity}, our_authority(), "127.0.0.2").result);
}

TEST(TlsTrust, A_pinned_certificate_is_trusted_whatever_it_says) {
    const Identity identity({.name = "old.example.org", .valid_to = std::chrono::hours(-1)});
    Handshake shaken({.identity = identity}, pin(identity.sha256()));
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
}

TEST(TlsTrust, A_pin_is_taken_as_people_paste_it) {
    const Identity identity{{}};
    std::string pasted = "sha256 Fingerprint=";
    for (std::size_t i = 0; i < 64; i += 2) {
        if (i > 0) pasted += ':';
        pasted += static_cast<char>(std::toupper(identity.sha256()[i]));
        pasted += static_cast<char>(std::toupper(identity.sha256()[i + 1]));
    }
    EXPECT_TRUE(Handshake({.identity = identity}, pin(pasted)).result);
}

TEST(TlsTrust, With_a_pin_a_valid_chain_does_not_count) {
    const Identity identity = issued();
    Trust trust = our_authority();
    trust.pinned_sha256 = Identity{{}}.sha256();
    Handshake shaken({.identity = identity}, trust);
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::untrusted);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("not the pinned one"), HasSubstr(identity.sha256())));
}

TEST(TlsTrust, Outdated_tls_is_told_from_the_other_faults) {
    const TlsWish outdated{.identity = issued(), .newest_version = TLS1_1_VERSION};
    Handshake shaken(outdated, our_authority());
    ASSERT_FALSE(shaken.result);
    EXPECT_EQ(shaken.result.error().fault, Fault::tls);
    EXPECT_THAT(shaken.fault_words(), AllOf(HasSubstr("no common protocol version"), HasSubstr("TLS 1.2")));
}

TEST(TlsTrust, A_plain_server_on_the_port_is_told_from_the_other_faults) {
    for (const char *greeting : {"* OK IMAP4rev1 ready\r\n", "+OK POP3 ready <1896.697170952@example.com>\r\n",
                                 "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
        const Server server([greeting](Peer &peer) {
            peer.write(greeting);
            peer.wait_for_end();
        });
        const auto stream = connect_to(server);
        const auto facts = stream->start_tls("localhost", {}, in(patience));
        ASSERT_FALSE(facts);
        EXPECT_EQ(facts.error().fault, Fault::tls) << greeting;
        EXPECT_EQ(facts.error().server_text, plain_text_answer) << greeting;
        EXPECT_THAT(facts.error().advice, AllOf(HasSubstr("STARTTLS"), HasSubstr("993")));
    }
}

TEST(TlsTrust, A_server_that_hangs_up_in_the_handshake_is_told_from_the_other_faults) {
    const Server server([](Peer &peer) { peer.read_some(); });
    const auto stream = connect_to(server);
    const auto facts = stream->start_tls("localhost", {}, in(patience));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().fault, Fault::tls);
    EXPECT_THAT(words(facts.error()), AllOf(HasSubstr("closed the connection"), HasSubstr("port")));
}

TEST(TlsTrust, A_client_certificate_is_shown_to_a_server_that_demands_it) {
    const Identity client = issued({.name = "robot"});
    Trust trust = our_authority();
    trust.client_certificate = client.certificate_pem() + client.key_pem();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Handshake shaken({.identity = issued(), .newest_version = version, .client_authority = authority()},
                         trust);
        ASSERT_TRUE(shaken.result) << shaken.fault_words();
        EXPECT_EQ(read_up_to(*shaken.stream, "hello"), "hello");
    }
}

TEST(TlsTrust, A_missing_client_certificate_is_said_at_the_first_read_with_tls_1_3) {
    // RFC 8446 section 4.4.2: the client has finished its handshake before the server can complain.
    Handshake shaken({.identity = issued(), .client_authority = authority()}, our_authority());
    ASSERT_TRUE(shaken.result) << shaken.fault_words();
    char c = 0;
    const auto got = shaken.stream->read(&c, 1, in(patience));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().fault, Fault::tls);
    EXPECT_EQ(got.error().step, "tls");
    EXPECT_THAT(words(got.error()), HasSubstr("demands a client certificate"));
}

TEST(TlsTrust, A_refusal_leaves_nothing_behind_for_the_next_mailbox_in_this_thread) {
    const Identity good = issued();
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(Handshake({.identity = Identity{{}}}).result);
        Handshake next({.identity = good}, our_authority());
        ASSERT_TRUE(next.result) << next.fault_words();
        EXPECT_EQ(read_up_to(*next.stream, "hello"), "hello");
    }
}

} // namespace
} // namespace roe::net
