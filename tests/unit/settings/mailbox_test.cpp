#include "settings/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace roe::settings {
namespace {

using nlohmann::json;

json form(json changes = json::object()) {
    json values = {{"Email", "ann@example.com"},
                   {"Password", "s3cret"},
                   {"Protocol", "IMAP"},
                   {"Imap", "imap.example.com"},
                   {"UseStandartNotSSLPort", false}};
    values.update(changes);
    return values;
}

std::vector<std::string> fields_refused(const json &values,
                                        const std::optional<Before> &before = std::nullopt) {
    const auto read = read_mailbox(values, before);
    std::vector<std::string> fields;
    if (!read)
        for (const auto &error : read.errors())
            fields.push_back(error.field);
    return fields;
}

Before saved() {
    auto read = read_mailbox(form(), std::nullopt);
    EXPECT_TRUE(read.ok());
    return {read->mailbox, true, false};
}

json without_password(json values) {
    values.erase("Password");
    return values;
}

using testing::TestWithParam;

struct ConnectionCase {
    bool standart;
    bool ssl;
    int port; // 0: not given
    Security security;
    int effective_port;
};

class Connection : public TestWithParam<ConnectionCase> {};

TEST_P(Connection, The_two_switches_and_the_port_mean_one_kind_of_connection) {
    const auto &c = GetParam();
    auto values = form({{"UseStandartNotSSLPort", c.standart}, {"UseSsl", c.ssl}});
    if (c.port != 0) values["ImapPort"] = c.port;
    const auto read = read_mailbox(values, std::nullopt);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(security_of(read->mailbox), c.security);
    EXPECT_EQ(read->mailbox.port, c.effective_port);
}

INSTANTIATE_TEST_SUITE_P(Table, Connection,
                         testing::Values(ConnectionCase{true, true, 0, Security::plain, 143},
                                         ConnectionCase{true, false, 0, Security::plain, 143},
                                         ConnectionCase{true, true, 10143, Security::plain, 10143},
                                         ConnectionCase{false, true, 0, Security::tls, 993},
                                         ConnectionCase{false, true, 993, Security::tls, 993},
                                         ConnectionCase{false, true, 143, Security::starttls, 143},
                                         ConnectionCase{false, true, 10993, Security::tls_or_starttls, 10993},
                                         ConnectionCase{false, false, 0, Security::opportunistic, 143}));

json pop3_form(json changes = json::object()) {
    json values = {{"Email", "ann@example.com"},
                   {"Password", "s3cret"},
                   {"Pop3", "pop.example.com"},
                   {"UseStandartNotSSLPort", false}};
    values.update(changes);
    return values;
}

class Pop3Connection : public TestWithParam<ConnectionCase> {};

TEST_P(Pop3Connection, The_same_switches_mean_the_same_on_the_ports_of_POP3) {
    const auto &c = GetParam();
    auto values = pop3_form({{"UseStandartNotSSLPort", c.standart}, {"UseSsl", c.ssl}});
    if (c.port != 0) values["Pop3Port"] = c.port;
    const auto read = read_mailbox(values, std::nullopt);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(security_of(read->mailbox), c.security);
    EXPECT_EQ(read->mailbox.port, c.effective_port);
}

INSTANTIATE_TEST_SUITE_P(Table, Pop3Connection,
                         testing::Values(ConnectionCase{true, true, 0, Security::plain, 110},
                                         ConnectionCase{false, true, 0, Security::tls, 995},
                                         ConnectionCase{false, true, 110, Security::starttls, 110},
                                         ConnectionCase{false, true, 993, Security::tls_or_starttls, 993},
                                         ConnectionCase{false, false, 0, Security::opportunistic, 110}));

TEST(MailboxForm, POP3_is_the_default_and_comes_back_as_it_was_kept) {
    const auto read = read_mailbox(pop3_form(), std::nullopt);
    ASSERT_TRUE(read.ok());
    const auto kept = from_kept(to_json(read->mailbox));
    EXPECT_EQ(kept.protocol, "POP3");
    EXPECT_EQ(kept.host, "pop.example.com");
    EXPECT_EQ(kept.port, 995);
    EXPECT_EQ(kept.folder(), "INBOX");
    EXPECT_EQ(fields_refused(pop3_form({{"Pop3", nullptr}})), std::vector<std::string>{"Pop3"});
    EXPECT_EQ(fields_refused(pop3_form({{"Pop3Port", 0}})), std::vector<std::string>{"Pop3Port"});
}

TEST(MailboxForm, What_stands_in_the_fields_of_the_other_protocol_does_not_count) {
    EXPECT_THAT(fields_refused(pop3_form(
                    {{"Imap", "a b"}, {"ImapPort", nullptr}, {"ImapFolder", nullptr}, {"Keyword", "a b"}})),
                testing::IsEmpty());
    EXPECT_THAT(fields_refused(form({{"Pop3", "a b"}, {"Pop3Port", nullptr}})), testing::IsEmpty());
    for (const auto &url : {json(nullptr), json(""), json("https://mail.example.com/EWS/Exchange.asmx")}) {
        EXPECT_THAT(fields_refused(form({{"EWSUrl", url}})), testing::IsEmpty()) << url;
        EXPECT_THAT(fields_refused(pop3_form({{"EWSUrl", url}})), testing::IsEmpty()) << url;
    }
}

TEST(MailboxForm, A_field_of_another_protocol_is_there_and_null) {
    const auto imap = to_json(read_mailbox(form({{"EWSUrl", "https://a.example/"}}), std::nullopt)->mailbox);
    for (const auto *field : {"Pop3", "Pop3Port", "EWSUrl", "Impersonate"})
        EXPECT_EQ(imap.at(field), json()) << field;
    const auto pop3 = to_json(read_mailbox(pop3_form(), std::nullopt)->mailbox);
    for (const auto *field : {"Imap", "ImapPort", "ImapFolder", "EWSUrl", "Impersonate"})
        EXPECT_EQ(pop3.at(field), json()) << field;
}

TEST(MailboxForm, What_is_done_to_a_processed_mail_is_kept_and_checked) {
    const auto read = read_mailbox(form({{"MoveTo", "Готово"}, {"Keyword", "$Robot-1"}}), std::nullopt);
    ASSERT_TRUE(read.ok());
    const auto kept = from_kept(to_json(read->mailbox));
    EXPECT_EQ(kept.move_to, "Готово");
    EXPECT_EQ(kept.keyword, "$Robot-1");
    const std::vector<std::string> move{"MoveTo"};
    const std::vector<std::string> keyword{"Keyword"};
    EXPECT_EQ(fields_refused(form({{"MoveTo", "Готово"}, {"RemoveReceived", true}})), move);
    EXPECT_EQ(fields_refused(form({{"MoveTo", "Заказы"}, {"ImapFolder", "Заказы"}})), move);
    EXPECT_EQ(fields_refused(form({{"MoveTo", "inbox"}})), move);
    for (const auto *wrong : {"a b", "\\Seen", "(a)", "ключ", "a\"b", "a\r\nb"})
        EXPECT_EQ(fields_refused(form({{"Keyword", wrong}})), keyword) << wrong;
    EXPECT_THAT(fields_refused(form({{"Keyword", "robot"}, {"RemoveReceived", true}})), testing::IsEmpty());
}

TEST(MailboxForm, The_server_that_is_believed_on_senders_is_kept_by_either_protocol_and_checked) {
    for (const auto &values : {form({{"TrustedAuthserv", " mx.example.com "}}),
                               pop3_form({{"TrustedAuthserv", "mx.example.com"}})}) {
        const auto read = read_mailbox(values, std::nullopt);
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(read->mailbox.trusted_authserv, "mx.example.com");
        EXPECT_EQ(from_kept(to_json(read->mailbox)).trusted_authserv, "mx.example.com");
    }
    for (const auto *wrong : {"a b", "mx; dmarc=pass", "\"mx\"", "mx(x)", "a\r\nb"})
        EXPECT_EQ(fields_refused(form({{"TrustedAuthserv", wrong}})),
                  std::vector<std::string>{"TrustedAuthserv"})
            << wrong;
    auto older = to_json(saved().mailbox);
    older.erase("TrustedAuthserv"); // kept before the field was there
    EXPECT_EQ(from_kept(older).trusted_authserv, "");
}

TEST(MailboxForm, With_Kerberos_no_password_is_needed_by_either_protocol) {
    for (auto values : {form({{"Kerberos", true}}), pop3_form({{"Kerberos", true}})}) {
        values.erase("Password");
        const auto read = read_mailbox(values, std::nullopt);
        ASSERT_TRUE(read.ok());
        EXPECT_TRUE(read->mailbox.kerberos);
        EXPECT_TRUE(from_kept(to_json(read->mailbox)).kerberos);
        EXPECT_TRUE(account_of(read->mailbox, "INBOX", {}).kerberos);
        values["Kerberos"] = false;
        EXPECT_EQ(fields_refused(values), std::vector<std::string>{"Password"});
    }
    auto older = to_json(saved().mailbox);
    older.erase("Kerberos"); // kept before the field was there
    EXPECT_FALSE(from_kept(older).kerberos);
}

TEST(MailboxForm, Kerberos_and_OAuth_are_two_ways_to_sign_in) {
    const json oauth{{"Preset", "google"}, {"ClientId", "i"}, {"ClientSecret", "s"}, {"RefreshToken", "r"}};
    EXPECT_THAT(fields_refused(form({{"Kerberos", false}, {"OAuth", oauth}})), testing::IsEmpty());
    EXPECT_EQ(fields_refused(form({{"Kerberos", true}, {"OAuth", oauth}})),
              std::vector<std::string>{"Kerberos"});
}

TEST(MailboxForm, A_password_that_is_saved_beside_Kerberos_is_typed_again_like_any_other) {
    auto before = read_mailbox(form({{"Kerberos", true}}), std::nullopt);
    ASSERT_TRUE(before.ok());
    auto moved = form({{"Kerberos", true}, {"Imap", "imap.elsewhere.example"}});
    moved.erase("Password");
    EXPECT_EQ(fields_refused(moved, Before{before->mailbox, true}), std::vector<std::string>{"Password"});
    EXPECT_THAT(fields_refused(moved, Before{before->mailbox, false}), testing::IsEmpty());
}

TEST(MailboxForm, Another_protocol_wants_the_password_typed_again) {
    auto before = read_mailbox(form(), std::nullopt);
    ASSERT_TRUE(before.ok());
    auto values = pop3_form();
    values.erase("Password");
    EXPECT_EQ(fields_refused(values, Before{before->mailbox, true, false}),
              std::vector<std::string>{"Password"});
}

TEST(MailboxForm, Absent_fields_take_the_defaults_of_the_product) {
    const auto read = read_mailbox(json{{"Email", "ann@example.com"},
                                        {"Password", "x"},
                                        {"Protocol", "IMAP"},
                                        {"Imap", "imap.example.com"}},
                                   std::nullopt);
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read->mailbox.require_authenticate);
    EXPECT_TRUE(read->mailbox.use_ssl);
    EXPECT_TRUE(read->mailbox.use_standart_not_ssl_port);
    EXPECT_FALSE(read->mailbox.remove_received);
    EXPECT_EQ(read->mailbox.imap_folder, "INBOX");
    EXPECT_EQ(read->mailbox.login_name(), "ann@example.com");
}

TEST(MailboxForm, Every_fault_is_named_by_its_field) {
    EXPECT_EQ(fields_refused(form({{"Email", ""}})), std::vector<std::string>{"Email"});
    EXPECT_EQ(fields_refused(form({{"Email", "ann"}})), std::vector<std::string>{"Email"});
    EXPECT_EQ(fields_refused(form({{"Email", "a b@example.com"}})), std::vector<std::string>{"Email"});
    EXPECT_EQ(fields_refused(form({{"Imap", nullptr}})), std::vector<std::string>{"Imap"});
    EXPECT_EQ(fields_refused(form({{"Imap", "imaps://imap.example.com/"}})), std::vector<std::string>{"Imap"});
    EXPECT_EQ(fields_refused(form({{"ImapPort", 0}})), std::vector<std::string>{"ImapPort"});
    EXPECT_EQ(fields_refused(form({{"ImapPort", 65536}})), std::vector<std::string>{"ImapPort"});
    EXPECT_EQ(fields_refused(form({{"ImapPort", "993"}})), std::vector<std::string>{"ImapPort"});
    EXPECT_EQ(fields_refused(form({{"UseSsl", 1}})), std::vector<std::string>{"UseSsl"});
    EXPECT_EQ(fields_refused(form({{"Protocol", "SMTP"}})), std::vector<std::string>{"Protocol"});
    EXPECT_EQ(fields_refused(form({{"CaCertificate", "no pem"}})), std::vector<std::string>{"CaCertificate"});
    EXPECT_EQ(fields_refused(form({{"CertificateSha256", "abc"}})),
              std::vector<std::string>{"CertificateSha256"});
    EXPECT_EQ(fields_refused(form({{"Pasword", "misspelt"}})), std::vector<std::string>{"Pasword"});
    EXPECT_EQ(fields_refused(json::array()), (std::vector<std::string>{"", "Email", "Pop3", "Password"}));
}

TEST(MailboxForm, A_value_can_not_carry_a_line_into_the_protocol) {
    EXPECT_EQ(fields_refused(form({{"Login", "ann\r\nA1 DELETE INBOX"}})), std::vector<std::string>{"Login"});
    EXPECT_EQ(fields_refused(form({{"Imap", "a\nb"}})), (std::vector<std::string>{"Imap", "Imap"}));
    EXPECT_EQ(fields_refused(form({{"Password", "a\r\nb"}})), std::vector<std::string>{"Password"});
}

TEST(MailboxForm, A_password_is_required_while_authentication_is_on) {
    EXPECT_EQ(fields_refused(without_password(form())), std::vector<std::string>{"Password"});
    EXPECT_EQ(fields_refused(without_password(form({{"RequireAuthenticate", false}}))),
              std::vector<std::string>{});
}

TEST(MailboxForm, A_fingerprint_is_taken_in_any_usual_spelling) {
    std::string spelt;
    for (int i = 0; i < 32; ++i)
        spelt += i == 0 ? "AB" : ":AB";
    const auto read = read_mailbox(form({{"CertificateSha256", spelt}}), std::nullopt);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->mailbox.certificate_sha256.substr(0, 4), "abab");
    EXPECT_EQ(read->mailbox.certificate_sha256.size(), 64U);
}

TEST(MailboxForm, A_saved_mailbox_reads_back_as_it_was_shown) {
    const auto before = saved();
    auto shown = to_json(before.mailbox);
    shown["id"] = "mb-1";
    shown["state"] = "watching";
    shown["HasPassword"] = true;
    const auto read = read_mailbox(shown, before);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(to_json(read->mailbox), to_json(before.mailbox));
    EXPECT_TRUE(read->secrets.empty());
    EXPECT_EQ(to_json(from_kept(to_json(before.mailbox))), to_json(before.mailbox));
}

TEST(MailboxForm, An_absent_password_keeps_the_old_one_and_null_clears_it) {
    EXPECT_TRUE(fields_refused(without_password(form()), saved()).empty());
    EXPECT_EQ(fields_refused(form({{"Password", nullptr}}), saved()), std::vector<std::string>{"Password"});
    const auto read = read_mailbox(form({{"Password", nullptr}, {"RequireAuthenticate", false}}), saved());
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->secrets.at("Password"), "");
}

class Retyped : public TestWithParam<json> {};

TEST_P(Retyped, A_saved_password_is_never_sent_to_a_new_server_or_with_less_protection) {
    EXPECT_EQ(fields_refused(without_password(form(GetParam())), saved()),
              std::vector<std::string>{"Password"});
    EXPECT_TRUE(fields_refused(form(GetParam()), saved()).empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, Retyped,
    testing::Values(json{{"Imap", "evil.example.net"}}, json{{"ImapPort", 994}},
                    json{{"UseStandartNotSSLPort", true}}, json{{"UseSsl", false}, {"ImapPort", 993}},
                    json{{"CertificateSha256", std::string(64, 'a')}},
                    json{{"CaCertificate", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"}}));

TEST(MailboxForm, A_password_is_required_whatever_else_changes_with_it) {
    auto before = saved();
    EXPECT_EQ(fields_refused(form({{"Imap", "other.example.net"}, {"Password", nullptr}}), before),
              std::vector<std::string>{"Password"});
    before.has_password = false;
    before.mailbox.require_authenticate = false;
    EXPECT_EQ(fields_refused(without_password(form({{"Imap", "other.example.net"}})), before),
              std::vector<std::string>{"Password"});
}

TEST(MailboxForm, A_client_certificate_is_kept_from_strangers_like_a_password) {
    auto before = saved();
    before.has_client_certificate = true;
    EXPECT_EQ(fields_refused(form({{"Imap", "evil.example.net"}}), before),
              std::vector<std::string>{"ClientCertificate"});
    EXPECT_TRUE(
        fields_refused(form({{"Imap", "evil.example.net"}, {"ClientCertificate", nullptr}}), before).empty());
}

TEST(MailboxForm, What_is_tried_is_the_saved_mailbox_with_what_was_changed_in_the_form) {
    const auto before = saved();
    EXPECT_TRUE(fields_refused(merged(before.mailbox, {{"ImapFolder", "Заказы"}}), before).empty());
    EXPECT_EQ(fields_refused(merged(before.mailbox, {{"Imap", "evil.example.net"}}), before),
              std::vector<std::string>{"Password"});
    EXPECT_EQ(fields_refused(merged(before.mailbox, {{"UseStandartNotSSLPort", true}}), before),
              std::vector<std::string>{"Password"});
    EXPECT_EQ(merged(before.mailbox, json::object()), to_json(before.mailbox));
}

TEST(MailboxForm, A_change_that_exposes_nothing_needs_no_password) {
    EXPECT_TRUE(
        fields_refused(without_password(form({{"RemoveReceived", true}, {"ImapFolder", "Заказы"}})), saved())
            .empty());
}

TEST(MailboxPage, Its_columns_are_of_two_weights) {
    const auto page = describe_page();
    std::vector<std::string> first;
    for (const auto &column : page.at("columns"))
        if (!column.value("more", false)) first.push_back(column.at("field"));
    EXPECT_EQ(first, (std::vector<std::string>{"Email", "state", "lastMail", "error", "Protocol"}));
}

TEST(MailboxPage, Its_description_names_every_field_that_the_form_takes) {
    const auto page = describe_page();
    const auto &properties = page.at("schema").at("properties");
    const auto shown = to_json(saved().mailbox);
    for (const auto &[name, value] : shown.items())
        EXPECT_TRUE(properties.contains(name)) << name;
    EXPECT_TRUE(properties.at("Password").at("writeOnly").get<bool>());
    for (const auto &name : page.at("uiSchema").at("ui:order"))
        EXPECT_TRUE(properties.contains(name)) << name;
    EXPECT_EQ(properties.size(), page.at("uiSchema").at("ui:order").size());
}

} // namespace
} // namespace roe::settings
