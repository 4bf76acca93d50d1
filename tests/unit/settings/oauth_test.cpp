#include "settings/oauth.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "settings/mailbox.hpp"

namespace roe::settings {
namespace {

using nlohmann::json;

json oauth_form(json oauth) {
    return {{"Email", "ann@example.com"},
            {"Protocol", "IMAP"},
            {"Imap", "imap.example.com"},
            {"UseStandartNotSSLPort", false},
            {"OAuth", std::move(oauth)}};
}

json by_refresh(const json &changes = json::object()) {
    json oauth{
        {"Preset", "microsoft365"}, {"Grant", "refreshToken"}, {"ClientId", "robot"}, {"RefreshToken", "r"}};
    oauth.update(changes);
    return oauth;
}

std::vector<std::string> refused(const json &values, const std::optional<Before> &before = std::nullopt) {
    const auto read = read_mailbox(values, before);
    std::vector<std::string> fields;
    if (!read)
        for (const auto &error : read.errors())
            fields.push_back(error.field);
    std::sort(fields.begin(), fields.end());
    return fields;
}

using Fields = std::vector<std::string>;

TEST(OAuthForm, A_mailbox_with_OAuth_needs_no_password) {
    EXPECT_EQ(refused(oauth_form(by_refresh())), Fields{});
    EXPECT_EQ(refused(oauth_form(nullptr)), Fields{"Password"});
}

struct FormCase {
    const char *name;
    json oauth;
    Fields refused;
};

class OAuthForms : public testing::TestWithParam<FormCase> {};

TEST_P(OAuthForms, What_is_wrong_is_named_by_its_field) {
    EXPECT_EQ(refused(oauth_form(GetParam().oauth)), GetParam().refused);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, OAuthForms,
    testing::Values(
        FormCase{"no_object", "token", {"OAuth", "OAuth.RefreshToken"}},
        FormCase{"no_client", by_refresh({{"ClientId", nullptr}}), {"OAuth.ClientId"}},
        FormCase{"no_refresh_token", by_refresh({{"RefreshToken", nullptr}}), {"OAuth.RefreshToken"}},
        FormCase{"client_without_secret", by_refresh({{"Grant", "clientCredentials"}}), {"OAuth.ClientSecret"}},
        FormCase{"client_with_secret",
                 by_refresh({{"Grant", "clientCredentials"}, {"ClientSecret", "s"}, {"RefreshToken", nullptr}}),
                 {}},
        FormCase{"google_by_client",
                 by_refresh({{"Preset", "google"}, {"Grant", "clientCredentials"}, {"ClientSecret", "s"}}),
                 {"OAuth.Grant"}},
        FormCase{"other_without_endpoint", by_refresh({{"Preset", "other"}}), {"OAuth.TokenEndpoint"}},
        FormCase{"endpoint_in_clear",
                 by_refresh({{"TokenEndpoint", "http://login.example.com/"}}),
                 {"OAuth.TokenEndpoint"}},
        FormCase{
            "endpoint_on_this_machine", by_refresh({{"TokenEndpoint", "http://127.0.0.1:8080/token"}}), {}},
        FormCase{"unknown_preset",
                 by_refresh({{"Preset", "yahoo"}, {"TokenEndpoint", "https://a.example/"}}),
                 {"OAuth.Preset"}},
        FormCase{"unknown_field", by_refresh({{"Audience", "x"}}), {"OAuth.Audience"}},
        FormCase{"secret_no_text", by_refresh({{"ClientSecret", 5}}), {"OAuth.ClientSecret"}}),
    [](const auto &each) { return each.param.name; });

Before saved(const json &oauth) {
    auto read = read_mailbox(oauth_form(oauth), std::nullopt);
    EXPECT_TRUE(read.ok());
    return {.mailbox = read->mailbox,
            .has_password = false,
            .has_client_certificate = false,
            .has_client_secret = oauth.contains("ClientSecret"),
            .has_refresh_token = true};
}

TEST(OAuthForm, A_saved_secret_stays_unless_it_would_go_elsewhere) {
    auto kept = by_refresh();
    kept.erase("RefreshToken");
    EXPECT_EQ(refused(oauth_form(kept), saved(by_refresh())), Fields{});

    auto endpoint = kept;
    endpoint["TokenEndpoint"] = "https://elsewhere.example/token";
    EXPECT_EQ(refused(oauth_form(endpoint), saved(by_refresh())), Fields{"OAuth.RefreshToken"});

    auto server = oauth_form(kept);
    server["Imap"] = "imap.elsewhere.example";
    EXPECT_EQ(refused(server, saved(by_refresh())), Fields{"OAuth.RefreshToken"});
}

TEST(OAuthForm, Its_secrets_go_when_it_does) {
    auto values = oauth_form(nullptr);
    values["Password"] = "secret";
    const auto read = read_mailbox(values, saved(by_refresh({{"ClientSecret", "s"}})));
    ASSERT_TRUE(read.ok());
    MailboxForm result = *read;
    EXPECT_EQ(result.secrets.at(std::string(refresh_token_field)), "");
    EXPECT_EQ(result.secrets.at(std::string(client_secret_field)), "");
}

TEST(OAuthForm, What_is_kept_is_read_back_and_holds_no_secret) {
    const auto read = read_mailbox(
        oauth_form(by_refresh({{"Scope", "mail"}, {"ClientSecret", "hidden-secret"}})), std::nullopt);
    ASSERT_TRUE(read.ok());
    MailboxForm result = *read;
    const auto kept = to_json(result.mailbox);
    EXPECT_EQ(kept.dump().find("hidden-secret"), std::string::npos);
    EXPECT_EQ(from_kept(kept).oauth, result.mailbox.oauth);
}

TEST(OAuthForm, A_mailbox_that_was_kept_before_there_was_OAuth_is_read) {
    auto values = oauth_form(nullptr);
    values["Password"] = "secret";
    MailboxForm result = *read_mailbox(values, std::nullopt);
    auto kept = to_json(result.mailbox);
    kept.erase("OAuth");
    EXPECT_FALSE(from_kept(kept).oauth.has_value());
}

struct PresetCase {
    OAuth oauth;
    const char *endpoint;
    const char *scope;
};

class Presets : public testing::TestWithParam<PresetCase> {};

TEST_P(Presets, A_preset_fills_in_endpoint_and_scope) {
    const auto &c = GetParam();
    EXPECT_EQ(token_endpoint_of(c.oauth, "ann@contoso.com"), c.endpoint);
    EXPECT_EQ(scope_of(c.oauth, "IMAP"), c.scope);
}

INSTANTIATE_TEST_SUITE_P(
    OAuthForm, Presets,
    testing::Values(PresetCase{{"microsoft365", net::Grant::client_credentials, "", "", ""},
                               "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token",
                               "https://outlook.office365.com/.default"},
                    PresetCase{{"microsoft365", net::Grant::refresh_token, "", "", ""},
                               "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                               "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"},
                    PresetCase{{"google", net::Grant::refresh_token, "", "", ""},
                               "https://oauth2.googleapis.com/token",
                               "https://mail.google.com/"},
                    PresetCase{{"google", net::Grant::refresh_token, "https://own.example/t", "", "own"},
                               "https://own.example/t",
                               "own"},
                    PresetCase{{"other", net::Grant::refresh_token, "https://own.example/t", "", ""},
                               "https://own.example/t",
                               ""}));

TEST(OAuthForm, By_POP3_the_scope_is_that_of_POP3) {
    EXPECT_EQ(scope_of({"microsoft365", net::Grant::refresh_token, "", "", ""}, "POP3"),
              "https://outlook.office.com/POP.AccessAsUser.All offline_access");
}

} // namespace
} // namespace roe::settings
