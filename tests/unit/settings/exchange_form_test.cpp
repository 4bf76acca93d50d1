#include "settings/mailbox.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace roe::settings {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json exchange_form(const json &changes = json::object()) {
    json values = {{"Email", "robot@example.com"},
                   {"Password", "s3cret"},
                   {"Protocol", "MS Exchange"},
                   {"EWSUrl", "https://mail.example.com/EWS/Exchange.asmx"}};
    values.update(changes);
    return values;
}

Mailbox read(const json &values) {
    auto form = read_mailbox(values, std::nullopt);
    EXPECT_TRUE(form.ok());
    return form ? form->mailbox : Mailbox();
}

std::vector<std::string> refused_fields(const json &values,
                                        const std::optional<Before> &before = std::nullopt) {
    const auto form = read_mailbox(values, before);
    std::vector<std::string> fields;
    if (!form)
        for (const auto &error : form.errors())
            fields.push_back(error.field);
    return fields;
}

json without_secret(json values) {
    values.erase("Password");
    return values;
}

bool meets(const json &schema_of_it, const json &form) {
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_of_it), schema);
    return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(form), nullptr);
}

TEST(ExchangeForm, An_address_that_was_mended_is_kept_and_comes_back) {
    const auto mailbox = read(exchange_form({{"EWSUrl", " mail.example.com/owa/ "}}));
    EXPECT_EQ(mailbox.ews_url, "https://mail.example.com/EWS/Exchange.asmx");
    const auto shown = to_json(mailbox);
    EXPECT_EQ(shown.at("EWSUrl"), "https://mail.example.com/EWS/Exchange.asmx");
    for (const auto *field : {"Pop3", "Pop3Port", "Imap", "ImapPort", "ImapFolder"})
        EXPECT_EQ(shown.at(field), json()) << field;
    const auto kept = from_kept(shown);
    EXPECT_EQ(to_json(kept), shown);
    EXPECT_EQ(kept.host, "mail.example.com");
    EXPECT_EQ(kept.port, 443);
    EXPECT_EQ(kept.folder(), "INBOX");
}

TEST(ExchangeForm, The_address_is_required_and_a_wrong_one_named) {
    const std::vector<std::string> url{"EWSUrl"};
    EXPECT_EQ(refused_fields(exchange_form({{"EWSUrl", nullptr}})), url);
    EXPECT_EQ(refused_fields(exchange_form({{"EWSUrl", "ftp://mail.example.com"}})), url);
    EXPECT_EQ(refused_fields(exchange_form({{"EWSUrl", "https://robot:s3cret@mail.example.com"}})), url);
}

TEST(ExchangeForm, The_address_says_whether_it_is_encrypted_and_the_switches_do_not) {
    for (const bool standart : {true, false}) {
        const json switches{{"UseStandartNotSSLPort", standart}, {"UseSsl", !standart}};
        EXPECT_EQ(security_of(read(exchange_form(switches))), Security::tls);
        auto plain = exchange_form(switches);
        plain["EWSUrl"] = "http://mail.example.com";
        EXPECT_EQ(security_of(read(plain)), Security::plain);
    }
}

TEST(ExchangeForm, What_stands_in_the_fields_of_other_protocols_does_not_count) {
    const auto mailbox = read(exchange_form(
        {{"Imap", "a b"}, {"ImapPort", 0}, {"Pop3", "a b"}, {"Pop3Port", 0}, {"ImapFolder", "Заказы"}}));
    EXPECT_EQ(mailbox.folder(), "INBOX");
}

TEST(ExchangeForm, A_keyword_is_a_category_of_any_words) {
    EXPECT_EQ(read(exchange_form({{"Keyword", "Обработано роботом"}})).keyword, "Обработано роботом");
    for (const auto *wrong : {"one, two", "one; two"})
        EXPECT_THAT(refused_fields(exchange_form({{"Keyword", wrong}})), ElementsAre("Keyword")) << wrong;
}

TEST(ExchangeForm, A_mail_is_moved_to_another_folder_than_the_Inbox_and_never_deleted_besides) {
    EXPECT_EQ(read(exchange_form({{"MoveTo", "Inbox/Готово"}})).move_to, "Inbox/Готово");
    EXPECT_THAT(refused_fields(exchange_form({{"MoveTo", "inbox"}})), ElementsAre("MoveTo"));
    EXPECT_THAT(refused_fields(exchange_form({{"MoveTo", "Done"}, {"RemoveReceived", true}})),
                ElementsAre("MoveTo"));
}

class NewServer : public testing::TestWithParam<json> {};

TEST_P(NewServer, A_saved_password_is_typed_again_when_the_address_changes) {
    const Before before{read(exchange_form()), true};
    EXPECT_THAT(refused_fields(without_secret(exchange_form(GetParam())), before), ElementsAre("Password"));
    EXPECT_THAT(refused_fields(exchange_form(GetParam()), before), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Table, NewServer,
                         testing::Values(json{{"EWSUrl", "https://evil.example.net/EWS/Exchange.asmx"}},
                                         json{{"EWSUrl", "http://mail.example.com/EWS/Exchange.asmx"}},
                                         json{{"EWSUrl", "https://mail.example.com:8443/EWS/Exchange.asmx"}},
                                         json{{"EWSUrl", "https://mail.example.com/elsewhere"}},
                                         json{{"CertificateSha256", std::string(64, 'a')}},
                                         json{{"Protocol", "IMAP"}, {"Imap", "mail.example.com"}}));

TEST(ExchangeForm, The_same_address_in_other_words_needs_no_password) {
    const Before before{read(exchange_form()), true};
    EXPECT_THAT(refused_fields(without_secret(exchange_form({{"EWSUrl", "Mail.Example.com"}})), before),
                IsEmpty());
    EXPECT_THAT(refused_fields(merged(before.mailbox, {{"RemoveReceived", true}}), before), IsEmpty());
}

TEST(ExchangeForm, A_login_that_is_not_the_address_opens_the_mailbox_by_its_address) {
    const auto own = account_of(read(exchange_form()), "INBOX", {}).exchange;
    EXPECT_EQ(own.path, "/EWS/Exchange.asmx");
    EXPECT_EQ(own.address, "robot@example.com");
    EXPECT_FALSE(own.by_address);
    EXPECT_FALSE(
        account_of(read(exchange_form({{"Login", "Robot@Example.com"}})), "INBOX", {}).exchange.by_address);
    const auto shared = account_of(read(exchange_form({{"Login", "CORP\\service"}})), "INBOX", {}).exchange;
    EXPECT_TRUE(shared.by_address);
    EXPECT_FALSE(shared.impersonate);
    const auto acting =
        account_of(read(exchange_form({{"Login", "CORP\\service"}, {"Impersonate", true}})), "INBOX", {});
    EXPECT_TRUE(acting.exchange.impersonate);
    EXPECT_EQ(acting.login, "CORP\\service");
}

TEST(ExchangeForm, A_token_of_Microsoft_is_for_these_services) {
    const OAuth consent{"microsoft365", net::Grant::refresh_token, "", "client", ""};
    EXPECT_EQ(scope_of(consent, "MS Exchange"),
              "https://outlook.office365.com/EWS.AccessAsUser.All offline_access");
    const OAuth alone{"microsoft365", net::Grant::client_credentials, "", "client", ""};
    EXPECT_EQ(scope_of(alone, "MS Exchange"), "https://outlook.office365.com/.default");
}

TEST(ExchangePage, Its_schema_wants_the_address_of_an_Exchange_mailbox_and_of_no_other) {
    const auto schema = describe_page().at("schema");
    EXPECT_TRUE(meets(schema, exchange_form()));
    for (const auto &url : {json(""), json()}) {
        auto form = exchange_form();
        form["EWSUrl"] = url;
        if (url.is_null()) form.erase("EWSUrl");
        EXPECT_FALSE(meets(schema, form)) << url;
    }
    EXPECT_TRUE(meets(schema, {{"Email", "a@b.c"}, {"Password", "x"}, {"Protocol", "IMAP"}, {"Imap", "b.c"}}));
    EXPECT_FALSE(meets(schema, {{"Email", "a@b.c"}, {"Password", "x"}, {"Protocol", "POP3"}, {"EWSUrl", "x"}}));
    EXPECT_FALSE(meets(schema, exchange_form({{"Protocol", "Microsoft 365"}})));
}

TEST(ExchangePage, Fields_are_shown_for_the_protocols_that_they_are_about) {
    const auto ui = describe_page().at("uiSchema");
    const auto shown = [&](const char *field, const char *protocol) {
        const auto when = ui.at(field).find("ui:when");
        return when == ui.at(field).end() || meets(*when, {{"Protocol", protocol}});
    };
    EXPECT_TRUE(shown("EWSUrl", "MS Exchange"));
    EXPECT_TRUE(shown("Impersonate", "MS Exchange"));
    EXPECT_FALSE(shown("EWSUrl", "IMAP"));
    for (const auto *field : {"UseSsl", "UseStandartNotSSLPort", "Imap", "Pop3", "ImapFolder", "ImapPort"})
        EXPECT_FALSE(shown(field, "MS Exchange")) << field;
    for (const auto *field : {"MoveTo", "Keyword"}) {
        EXPECT_TRUE(shown(field, "MS Exchange")) << field;
        EXPECT_TRUE(shown(field, "IMAP")) << field;
        EXPECT_FALSE(shown(field, "POP3")) << field;
    }
}

std::vector<std::string> warned_of(const json &form) {
    std::vector<std::string> texts;
    const auto page = describe_page();
    for (const auto &warning : page.at("uiSchema").at("ui:warn"))
        if (meets(warning.at("when"), form)) texts.push_back(warning.at("text").at("en"));
    return texts;
}

TEST(ExchangePage, A_person_is_warned_of_clear_text_by_the_address_and_not_by_the_switches) {
    const json switches{{"UseStandartNotSSLPort", true}, {"UseSsl", true}};
    EXPECT_THAT(warned_of(exchange_form(switches)), IsEmpty());
    for (const auto *url : {"http://mail.example.com", " HTTP://mail.example.com/EWS/Exchange.asmx"}) {
        auto plain = exchange_form(switches);
        plain["EWSUrl"] = url;
        EXPECT_THAT(warned_of(plain), ElementsAre(testing::HasSubstr("no encryption"))) << url;
    }
    EXPECT_THAT(warned_of({{"Protocol", "IMAP"}, {"UseStandartNotSSLPort", true}}),
                ElementsAre(testing::HasSubstr("nothing is encrypted")));
}

TEST(ExchangePage, A_person_is_told_that_Exchange_Online_ends_these_services) {
    for (const auto *url : {"https://outlook.office365.com/EWS/Exchange.asmx", "Outlook.Office.com/owa"})
        EXPECT_THAT(warned_of(exchange_form({{"EWSUrl", url}})),
                    ElementsAre(testing::HasSubstr("Exchange Online")))
            << url;
    EXPECT_THAT(warned_of(exchange_form()), IsEmpty());
}

} // namespace
} // namespace roe::settings
