#include "config/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using host::ConfigurationRefused;
using host::read_configuration;
using nlohmann::json;

std::string refusal(const char *text) {
    try {
        read_configuration(json::parse(text));
    } catch (const ConfigurationRefused &refused) {
        return refused.what();
    }
    return "accepted";
}

TEST(Configuration, An_empty_one_has_the_default_tenant_and_the_documented_limits) {
    const auto configuration = read_configuration(json::object());
    ASSERT_EQ(configuration.tenants.size(), 1U);
    EXPECT_EQ(configuration.tenants[0].id, "");
    EXPECT_TRUE(configuration.tenants[0].incoming_email.is_null());
    EXPECT_EQ(configuration.jobs.concurrency, 4);
    EXPECT_EQ(configuration.jobs.retention_hours, 72);
}

TEST(Configuration, What_it_refuses_it_names_with_its_path) {
    struct Case {
        const char *text;
        const char *start;
    };
    const Case cases[] = {
        {R"({"Tenant": {}})", "Tenant: no such key"},
        {R"({"Jobs": {"Concurency": 1}})", "Jobs.Concurency: no such key"},
        {R"({"Jobs": {"Concurrency": 0}})", "Jobs.Concurrency: must be a whole number from 1"},
        {R"({"Jobs": {"Concurrency": 1.5}})", "Jobs.Concurrency: must be a whole number"},
        {R"({"Jobs": []})", "Jobs: must be an object"},
        {R"({"Users": [{"Name": "a", "Role": "Admin"}]})", "Users[0].Role: must be"},
        {R"({"Users": [{"Role": "User"}]})", "Users[0].Name: is required"},
        {R"({"Users": [{"Name": "a", "Role": "User", "Tenant": "x"}]})", "Users[0].Tenant: is not among"},
        {R"({"Users": [{"Name": "a", "Role": "User", "Token": "t"}, {"Name": "b", "Role": "User", "Token": "t"}]})",
         "Users[1].Token: is another user's too"},
        {R"({"Users": [{"Name": "a", "Role": "User", "Token": ""}]})", "Users[0].Token: must not be empty"},
        {R"({"Tenants": {"FromAppsettings": false}})", "Tenants.FromAppsettings: must be true"},
        {R"({"Tenants": {"Items": [{"Id": "a"}, {"Id": "a"}]}})", "Tenants.Items[1].Id: is there twice"},
        {R"({"Tenants": {"Items": [{"Id": "a b"}]}})", "Tenants.Items[0].Id: may hold only"},
        {R"({"Notifications": {}})", "Notifications.Smtp: is required"},
        {R"({"Notifications": {"Mail": {}, "Smtp": {"Host": "h", "From": "a@b"}}})",
         "Notifications.Mail: no such key"},
        {R"({"Notifications": {"Smtp": {"From": "a@b"}}})", "Notifications.Smtp.Host: is required"},
        {R"({"Notifications": {"Smtp": {"Host": "h"}}})", "Notifications.Smtp.From: is required"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "TLS": true}}})",
         "Notifications.Smtp.TLS: no such key"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "A <a@b>"}}})",
         "Notifications.Smtp.From: must be a mail address"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "Security": "ssl"}}})",
         "Notifications.Smtp.Security: must be"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "Port": 0}}})",
         "Notifications.Smtp.Port: must be a whole number"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "UserName": "u"}}})",
         "Notifications.Smtp.Password: is required for a login"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "Password": "p"}}})",
         "Notifications.Smtp.UserName: is required for a login"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "UserName": "u", "Password": "p",
             "Security": "none"}}})",
         "Notifications.Smtp.Security: must not be"},
        {R"({"Notifications": {"Smtp": {"Host": "h", "From": "a@b", "CaCertificate": "c", "Security": "none"}}})",
         "Notifications.Smtp.CaCertificate: means nothing"},
        {R"({"Tenants": {"IncomingEmail": {"UserName": "a@b", "Imap": "x", "Pop3": "y"}}})",
         "Tenants.IncomingEmail.Protocol: several servers are named"},
        {R"({"Tenants": {"IncomingEmail": {"UserName": "a@b"}}})",
         "Tenants.IncomingEmail.Protocol: no server is named"},
        {R"({"Tenants": {"IncomingEmail": {"Imap": "x"}}})", "Tenants.IncomingEmail.UserName: is required"},
        {R"({"Tenants": {"IncomingEmail": {"UserName": "a@b", "Imap": "x", "UseSSL": true}}})",
         "Tenants.IncomingEmail.UseSSL: no such key"},
        {R"({"Tenants": {"IncomingEmail": {"UserName": "a@b", "Imap": "x", "ImapPort": "143"}}})",
         "Tenants.IncomingEmail.ImapPort: must be a whole number"},
        {R"({"Tenants": {"IncomingEmail": {"UserName": "a@b", "Imap": "x", "Protocol": "POP3"}}})",
         "Tenants.IncomingEmail.Pop3: is required for this protocol"},
        {R"({"Tenants": {"Items": [{"Id": "a", "IncomingEmail": {"UserName": "a@b", "Imap": "x", "OAuth": {"Scop": "s"}}}]}})",
         "Tenants.Items[0].IncomingEmail.OAuth.Scop: no such key"},
        {R"({"Assignment": {"ChainLimiterTriggerEventTime": -1}})",
         "Assignment.ChainLimiterTriggerEventTime: must be"},
    };
    for (const auto &one : cases) {
        EXPECT_THAT(refusal(one.text), ::testing::StartsWith(one.start)) << one.text;
    }
}

TEST(Configuration, The_protocol_of_a_base_mailbox_is_the_one_whose_server_is_filled_in) {
    const auto configuration = read_configuration(json::parse(
        R"({"Tenants": {"IncomingEmail": {"UserName": "a@b.org", "Imap": "mail.b.org", "Pop3": "", "EWSUrl": null}}})"));
    EXPECT_EQ(configuration.tenants[0].incoming_email["Protocol"], "IMAP");
    EXPECT_FALSE(configuration.tenants[0].incoming_email.contains("Pop3"));
}

TEST(Configuration, A_section_in_which_nothing_is_filled_in_is_no_mailbox) {
    const auto configuration = read_configuration(json::parse(
        R"({"Tenants": {"FromAppsettings": true, "IncomingEmail": {"UserName": "", "Imap": "", "UseSsl": true}}})"));
    EXPECT_TRUE(configuration.tenants[0].incoming_email.is_null());
}

TEST(Configuration, A_plugin_gets_its_own_section_and_the_limits_of_assignment) {
    const auto configuration = read_configuration(json::parse(R"({
        "Assignment": {"ChainLimiterTriggerEventTime": 250},
        "Plugins": {"one": {"Database": "sqlite"}, "two": {"x": 1}}})"));
    const auto given = configuration.for_plugin("one");
    EXPECT_EQ(given["plugin"], json({{"Database", "sqlite"}}));
    EXPECT_EQ(given["assignment"]["ChainLimiterTriggerEventTime"], 250);
    EXPECT_EQ(configuration.for_plugin("three")["plugin"], json::object());
}

TEST(Configuration, A_tenant_has_the_outer_time_offset_unless_its_own_is_given) {
    const auto configuration = read_configuration(json::parse(
        R"({"Tenants": {"TimeOffset": 3, "Items": [{"Id": "a", "Name": "A", "TimeOffset": 5}, {"Id": "b"}]}})"));
    ASSERT_EQ(configuration.tenants.size(), 3U);
    EXPECT_EQ(configuration.tenants[0].time_offset, 3);
    EXPECT_EQ(configuration.tenants[1].time_offset, 5);
    EXPECT_EQ(configuration.tenants[2].time_offset, 3);
}

TEST(Configuration, A_base_mailbox_takes_every_field_of_a_mailbox_and_keeps_it_as_written) {
    const auto section = json::parse(R"({
        "UserName": "a@b.org", "Login": "a", "Password": "p", "Protocol": "IMAP", "Pop3": "pop.b.org",
        "Pop3Port": 995, "Imap": "imap.b.org", "ImapPort": 993, "ImapFolder": "INBOX",
        "EWSUrl": "https://b.org/EWS/Exchange.asmx", "RequireAuthenticate": true, "UseSsl": true,
        "UseStandartNotSSLPort": false, "RemoveReceived": false, "Kerberos": true, "CaCertificate": "PEM",
        "CertificateSha256": "ab", "ClientCertificate": "sealed", "MoveTo": "Done", "Keyword": "robot",
        "TrustedAuthserv": "mx.b.org",
        "OAuth": {"Preset": "other", "Grant": "clientCredentials", "TokenEndpoint": "https://t", "ClientId": "i",
                  "ClientSecret": "s", "RefreshToken": "r", "Scope": "o"}})");
    const auto configuration = read_configuration({{"Tenants", {{"IncomingEmail", section}}}});
    EXPECT_EQ(configuration.tenants[0].incoming_email, section);
}

TEST(Configuration, Every_secret_of_a_base_mailbox_is_known_as_one) {
    const auto configuration = read_configuration(json::parse(R"({"Tenants": {
        "IncomingEmail": {"UserName": "a@b", "Imap": "x", "Password": "p", "ClientCertificate": "c"},
        "Items": [{"Id": "t", "IncomingEmail": {"UserName": "a@b", "Imap": "x",
                   "OAuth": {"ClientSecret": "s", "RefreshToken": "r", "ClientId": "i"}}}]},
        "Notifications": {"Smtp": {"Host": "h", "From": "a@b", "UserName": "u", "Password": "n"}}})"));
    const auto sealed = host::sealed_texts(configuration);
    EXPECT_THAT(sealed, ::testing::UnorderedElementsAre(
                            ::testing::Pair("Notifications.Smtp.Password", "n"),
                            ::testing::Pair("Tenants.IncomingEmail.Password", "p"),
                            ::testing::Pair("Tenants.IncomingEmail.ClientCertificate", "c"),
                            ::testing::Pair("Tenants.Items[0].IncomingEmail.OAuth.ClientSecret", "s"),
                            ::testing::Pair("Tenants.Items[0].IncomingEmail.OAuth.RefreshToken", "r")));
}

} // namespace
