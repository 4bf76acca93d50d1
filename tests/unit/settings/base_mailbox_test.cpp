#include "settings/base_mailbox.hpp"

#include <gmock/gmock.h>

namespace roe::settings {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

json configured(const json &changes = json::object()) {
    json values = {{"UserName", "robot@example.com"},
                   {"Password", "sealed-text"},
                   {"Protocol", "IMAP"},
                   {"Imap", "imap.example.com"}};
    values.update(changes);
    return values;
}

TEST(BaseMailbox, What_is_configured_is_a_mailbox_like_any_other) {
    const auto base =
        read_base_mailbox("acme", configured({{"UseStandartNotSSLPort", false}, {"ImapFolder", "Заказы"}}));
    EXPECT_THAT(base.faults, IsEmpty());
    EXPECT_EQ(base.mailbox.email, "robot@example.com");
    EXPECT_EQ(base.mailbox.port, 993);
    EXPECT_EQ(base.mailbox.imap_folder, "Заказы");
    EXPECT_EQ(base.mailbox.id, "base");
    EXPECT_TRUE(base.mailbox.is_base());
}

TEST(BaseMailbox, Its_OAuth_secrets_are_sealed_and_never_shown) {
    const auto base = read_base_mailbox("acme", configured({{"Password", nullptr},
                                                            {"OAuth",
                                                             {{"Preset", "google"},
                                                              {"ClientId", "robot"},
                                                              {"ClientSecret", "sealed-secret"},
                                                              {"RefreshToken", "sealed-refresh"}}}}));
    EXPECT_TRUE(base.faults.empty());
    EXPECT_TRUE(base.mailbox.oauth.has_value());
    EXPECT_EQ(base.sealed.at(std::string(refresh_token_field)), "sealed-refresh");
    EXPECT_EQ(base.sealed.at(std::string(client_secret_field)), "sealed-secret");
    EXPECT_EQ(base.configured.dump().find("sealed-"), std::string::npos);
}

TEST(BaseMailbox, Those_of_two_tenants_are_two_mailboxes) {
    EXPECT_NE(read_base_mailbox("acme", configured()).mailbox.key(),
              read_base_mailbox("", configured()).mailbox.key());
}

TEST(BaseMailbox, Its_secrets_are_kept_sealed_and_shown_nowhere) {
    const auto base = read_base_mailbox(
        "", configured({{"OAuth",
                         {{"ClientId", "app"}, {"ClientSecret", "sealed-2"}, {"RefreshToken", "sealed-3"}}}}));
    EXPECT_EQ(base.sealed.at("Password"), "sealed-text");
    EXPECT_THAT(base.configured.dump(), Not(HasSubstr("sealed")));
    EXPECT_THAT(to_json(base.mailbox).dump(), Not(HasSubstr("sealed")));
}

TEST(BaseMailbox, One_of_another_protocol_is_shown_with_the_reason_why_it_is_not_watched) {
    auto values = configured({{"Protocol", "Microsoft 365"}});
    values.erase("Imap");
    const auto base = read_base_mailbox("", values);
    ASSERT_THAT(base.faults, SizeIs(1));
    EXPECT_EQ(base.mailbox.email, "robot@example.com");
    EXPECT_EQ(base.mailbox.protocol, "Microsoft 365");
    const auto error = error_of(base.faults);
    EXPECT_THAT(error.server_text, HasSubstr("Microsoft 365"));
    EXPECT_THAT(error.advice, HasSubstr("IncomingEmail"));
}

TEST(BaseMailbox, One_on_an_Exchange_server_is_watched) {
    auto values =
        configured({{"Protocol", "MS Exchange"}, {"EWSUrl", "ews.example.com"}, {"Impersonate", true}});
    values.erase("Imap");
    const auto base = read_base_mailbox("", values);
    EXPECT_THAT(base.faults, IsEmpty());
    EXPECT_TRUE(base.mailbox.is_exchange());
    EXPECT_TRUE(base.mailbox.impersonate);
    EXPECT_EQ(base.mailbox.ews_url, "https://ews.example.com/EWS/Exchange.asmx");
}

TEST(BaseMailbox, One_by_POP3_is_watched) {
    auto values = configured({{"Protocol", "POP3"}, {"Pop3", "pop.example.com"}});
    for (const auto *field : {"Imap", "ImapPort", "ImapFolder"})
        values.erase(field);
    const auto base = read_base_mailbox("", values);
    EXPECT_THAT(base.faults, IsEmpty());
    EXPECT_EQ(base.mailbox.host, "pop.example.com");
}

TEST(BaseMailbox, Servers_of_other_protocols_may_be_filled_in_beside) {
    EXPECT_THAT(read_base_mailbox("", configured({{"Pop3", "pop.example.com"}, {"Pop3Port", 995}})).faults,
                IsEmpty());
}

TEST(BaseMailbox, The_server_that_is_believed_on_senders_stands_in_the_configuration_too) {
    const auto base = read_base_mailbox("", configured({{"TrustedAuthserv", "mx.example.com"}}));
    EXPECT_THAT(base.faults, IsEmpty());
    EXPECT_EQ(base.mailbox.trusted_authserv, "mx.example.com");
}

TEST(BaseMailbox, With_Kerberos_it_needs_no_password) {
    auto values = configured({{"Kerberos", true}});
    values.erase("Password");
    const auto base = read_base_mailbox("", values);
    EXPECT_THAT(base.faults, IsEmpty());
    EXPECT_TRUE(base.mailbox.kerberos);
}

TEST(BaseMailbox, What_is_wrong_with_it_is_named_by_its_field) {
    EXPECT_THAT(error_of(read_base_mailbox("", configured({{"UserName", "no address"}})).faults).server_text,
                HasSubstr("Email: must be an address"));
    auto values = configured();
    values.erase("Password");
    EXPECT_THAT(error_of(read_base_mailbox("", values).faults).server_text, HasSubstr("Password: is required"));
    // What this version can't do must not look as if it were done.
    EXPECT_THAT(error_of(read_base_mailbox("", configured({{"OfALaterVersion", "x"}})).faults).server_text,
                HasSubstr("OfALaterVersion"));
}

} // namespace
} // namespace roe::settings
