#include "settings/detection.hpp"

#include <map>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "settings/known_providers.hpp"

namespace roe::settings {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What the name system says; nothing of what a test does not give.
class Records final : public net::DnsRecords {
  public:
    Result<std::vector<net::ServiceRecord>> services(const std::string &name) override {
        asked.push_back(name);
        if (silent) return Error{Fault::timed_out, "dns", "asking", {}, {}};
        return srv[name];
    }
    Result<std::vector<net::MailExchange>> exchanges(const std::string &domain) override {
        asked.push_back(domain);
        if (silent) return Error{Fault::timed_out, "dns", "asking", {}, {}};
        return mx[domain];
    }

    std::map<std::string, std::vector<net::ServiceRecord>> srv;
    std::map<std::string, std::vector<net::MailExchange>> mx;
    bool silent = false;
    std::vector<std::string> asked;
};

json detect(const std::string &address, Records &records, Language language = Language::en) {
    return detect_settings(
        address, records, language, [] { return false; },
        [](const auto &, const auto &) { return std::nullopt; });
}

struct Known {
    const char *address;
    const char *server;
};

class KnownAddress : public testing::TestWithParam<Known> {};

TEST_P(KnownAddress, A_known_provider_is_told_by_the_address_without_asking_anybody) {
    Records records;
    const auto found = detect(GetParam().address, records);
    EXPECT_EQ(found.at("source"), "provider");
    EXPECT_EQ(found.at("values"), (json{{"Protocol", "IMAP"},
                                        {"Imap", GetParam().server},
                                        {"ImapPort", 993},
                                        {"UseStandartNotSSLPort", false},
                                        {"UseSsl", true}}));
    EXPECT_THAT(records.asked, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, KnownAddress,
    testing::Values(Known{"ann@gmail.com", "imap.gmail.com"}, Known{"Ann@GMAIL.com", "imap.gmail.com"},
                    Known{"ann@outlook.com", "outlook.office365.com"},
                    Known{"ann@acme.onmicrosoft.com", "outlook.office365.com"},
                    Known{"ann@yandex.ru", "imap.yandex.ru"}, Known{"ann@ya.ru", "imap.yandex.ru"},
                    Known{"ann@bk.ru", "imap.mail.ru"}, Known{"ann@rambler.ru", "imap.rambler.ru"},
                    Known{"ann@yahoo.co.uk", "imap.mail.yahoo.com"}, Known{"ann@me.com", "imap.mail.me.com"},
                    Known{"ann@gmx.de", "imap.gmx.net"}, Known{"ann@gmx.com", "imap.gmx.com"},
                    Known{"ann@fastmail.com", "imap.fastmail.com"}, Known{"ann@zoho.eu", "imap.zoho.eu"}));

TEST(Detection, What_must_be_done_first_is_said_in_the_language_of_the_page) {
    Records records;
    EXPECT_THAT(detect("ann@gmail.com", records).at("notes").dump(), HasSubstr("application password"));
    EXPECT_THAT(detect("ann@outlook.com", records).at("notes").dump(), HasSubstr("OAuth 2.0"));
    EXPECT_THAT(detect("ann@mail.ru", records, Language::ru).at("notes").dump(),
                HasSubstr("пароль приложения"));
    EXPECT_THAT(detect("ann@posteo.de", records).at("notes"), IsEmpty());
}

TEST(Detection, What_a_domain_announces_is_taken_and_TLS_from_the_first_byte_preferred) {
    Records records;
    records.srv["_imap._tcp.acme.example"] = {{0, 0, 143, "mail.acme.example"}};
    records.srv["_imaps._tcp.acme.example"] = {{10, 0, 9993, "mail.acme.example"},
                                               {20, 0, 993, "old.acme.example"}};
    records.srv["_pop3s._tcp.acme.example"] = {{0, 0, 995, "pop.acme.example"}};
    const auto found = detect("ann@acme.example", records);
    EXPECT_EQ(found.at("source"), "srv");
    EXPECT_EQ(found.at("values").at("Imap"), "mail.acme.example");
    EXPECT_EQ(found.at("values").at("ImapPort"), 9993);
    EXPECT_EQ(found.at("values").at("UseStandartNotSSLPort"), false);
    EXPECT_EQ(found.at("services").size(), 3U);
    EXPECT_EQ(
        found.at("services").at(2),
        (json{{"protocol", "POP3"}, {"encryption", "tls"}, {"server", "pop.acme.example"}, {"port", 995}}));
    EXPECT_THAT(found.at("notes"), IsEmpty());
    EXPECT_THAT(records.asked, testing::Not(testing::Contains("acme.example")));
}

TEST(Detection, STARTTLS_is_taken_where_nothing_else_is_announced) {
    Records records;
    records.srv["_imaps._tcp.acme.example"] = {{0, 0, 0, ""}};
    records.srv["_imap._tcp.acme.example"] = {{0, 0, 143, "mail.acme.example"}};
    const auto values = detect("ann@acme.example", records).at("values");
    EXPECT_EQ(values.at("ImapPort"), 143);
    EXPECT_EQ(values.at("UseSsl"), true) << "encryption is required, also on this port";
}

TEST(Detection, A_server_in_a_strange_domain_is_to_be_looked_at_first) {
    Records records;
    records.srv["_imaps._tcp.acme.example"] = {{0, 0, 993, "imap.notacme.example"}};
    EXPECT_THAT(detect("ann@acme.example", records).at("notes").dump(), HasSubstr("another domain"));
}

TEST(Detection, A_hosted_domain_is_told_by_who_takes_its_mail) {
    const std::map<std::string, std::string> servers{
        {"aspmx.l.google.com", "imap.gmail.com"},
        {"smtp.google.com", "imap.gmail.com"},
        {"acme-example.mail.protection.outlook.com", "outlook.office365.com"},
        {"mx.yandex.net", "imap.yandex.ru"},
        {"mx.zoho.com", "imappro.zoho.com"},
        {"in1-smtp.messagingengine.com", "imap.fastmail.com"}};
    for (const auto &[exchange, server] : servers) {
        Records records;
        records.mx["acme.example"] = {{10, exchange}};
        const auto found = detect("ann@acme.example", records);
        EXPECT_EQ(found.at("source"), "mx") << exchange;
        EXPECT_EQ(found.at("values").at("Imap"), server) << exchange;
        EXPECT_FALSE(found.at("notes").empty()) << exchange;
    }
}

TEST(Detection, A_name_that_only_ends_alike_is_another) {
    Records records;
    records.mx["acme.example"] = {{10, "mx.notgoogle.com"}, {20, "google.com.evil.example"}};
    const auto found = detect("ann@acme.example", records);
    EXPECT_TRUE(found.at("source").is_null());
    EXPECT_EQ(found.at("values"), json::object());
    EXPECT_THAT(found.at("notes").dump(), HasSubstr("Nothing is known"));
}

TEST(Detection, A_domain_with_POP3_only_gives_a_POP3_mailbox) {
    Records records;
    records.srv["_pop3s._tcp.acme.example"] = {{0, 0, 995, "pop.acme.example"}};
    const auto found = detect("ann@acme.example", records);
    EXPECT_EQ(found.at("source"), "srv");
    EXPECT_EQ(found.at("values"), (json{{"Protocol", "POP3"},
                                        {"Pop3", "pop.acme.example"},
                                        {"Pop3Port", 995},
                                        {"UseStandartNotSSLPort", false},
                                        {"UseSsl", true}}));
    EXPECT_THAT(found.at("notes"), IsEmpty());
}

TEST(Detection, A_silent_name_server_is_asked_once_and_the_person_told) {
    Records records;
    records.silent = true;
    const auto found = detect("ann@acme.example", records);
    EXPECT_THAT(records.asked, ElementsAre("_imaps._tcp.acme.example"));
    EXPECT_THAT(found.at("notes").dump(), HasSubstr("did not answer"));
}

TEST(Detection, A_domain_in_any_script_is_asked_for_as_the_name_system_has_it) {
    Records records;
    (void)detect("иван@Почта.РФ", records);
    EXPECT_EQ(records.asked.front(), "_imaps._tcp.xn--80a1acny.xn--p1ai");
    records.asked.clear();
    for (const auto *address : {"ann@", "ann@a..example", "ann@a\r\nb", "ann@a b.example", "ann@\xff\xfe"})
        EXPECT_THAT(detect(address, records).at("notes").dump(), HasSubstr("no domain name")) << address;
    EXPECT_THAT(records.asked, IsEmpty());
}

TEST(Detection, A_caller_who_has_gone_is_not_worked_for) {
    Records records;
    (void)detect_settings(
        "ann@acme.example", records, Language::en, [] { return true; },
        [](const auto &, const auto &) { return std::nullopt; });
    EXPECT_THAT(records.asked, IsEmpty());
}

json detect_exchange(const std::string &address, Records &records, std::optional<DiscoveredExchange> found,
                     std::vector<std::string> *asked = nullptr) {
    return detect_settings(
        address, records, Language::en, [] { return false; },
        [&](const auto &whose, const auto &domain) {
            if (asked != nullptr) asked->push_back(whose + " " + domain);
            return found;
        });
}

TEST(Detection, An_Exchange_server_is_asked_for_where_nothing_else_is_known) {
    Records records;
    std::vector<std::string> asked;
    const auto found =
        detect_exchange("Ann@Corp.example", records,
                        DiscoveredExchange{"https://mail.corp.example/EWS/Exchange.asmx", true, false}, &asked);
    EXPECT_THAT(asked, ElementsAre("Ann@Corp.example corp.example"));
    EXPECT_EQ(found.at("source"), "autodiscover");
    EXPECT_EQ(found.at("values"),
              (json{{"Protocol", "MS Exchange"}, {"EWSUrl", "https://mail.corp.example/EWS/Exchange.asmx"}}));
    EXPECT_EQ(found.at("services").at(0), (json{{"protocol", "MS Exchange"},
                                                {"encryption", "tls"},
                                                {"server", "mail.corp.example"},
                                                {"port", 443}}));
    EXPECT_THAT(found.at("notes"), IsEmpty());
}

TEST(Detection, What_is_not_sure_of_an_Exchange_server_is_said) {
    Records records;
    const auto found =
        detect_exchange("ann@corp.example", records,
                        DiscoveredExchange{"https://mail.host.example/EWS/Exchange.asmx", false, true});
    EXPECT_THAT(found.at("notes"), ElementsAre(HasSubstr("usually has it"), HasSubstr("another domain")));
}

TEST(Detection, No_Exchange_server_is_asked_for_where_the_domain_announces_another) {
    Records records;
    records.srv["_imaps._tcp.corp.example"] = {{0, 0, 993, "imap.corp.example"}};
    std::vector<std::string> asked;
    EXPECT_EQ(detect_exchange("ann@corp.example", records, std::nullopt, &asked).at("source"), "srv");
    EXPECT_EQ(detect_exchange("ann@gmail.com", records, std::nullopt, &asked).at("source"), "provider");
    EXPECT_THAT(asked, IsEmpty());
}

} // namespace
} // namespace roe::settings
