#include "settings/exchange_discovery.hpp"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>

namespace roe::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Servers by their names, each with what it says to a request; and what they were asked.
class Web final : public net::Connector, public std::enable_shared_from_this<Web> {
  public:
    using Say = std::function<std::string(const std::string &request)>;

    Result<std::unique_ptr<net::Stream>> connect(const std::string &host, std::uint16_t port,
                                                 SteadyTime) override;
    std::string reply(const std::string &host, const std::string &request) {
        asked.push_back(host);
        said += request;
        return servers.at(host)(request);
    }

    std::map<std::string, Say> servers;
    std::vector<std::string> asked;
    std::string said;
};

// Encrypted as far as anybody can tell.
class WebStream final : public net::Stream {
  public:
    WebStream(std::shared_ptr<Web> web, std::string host) : web_(std::move(web)), host_(std::move(host)) {}

    Result<std::size_t> read(char *to, std::size_t size, SteadyTime) override {
        const auto some = std::min(size, unread_.size());
        std::copy_n(unread_.begin(), some, to);
        unread_.erase(0, some);
        return some;
    }
    Result<void> write(std::string_view bytes, SteadyTime) override {
        written_ += bytes;
        const auto end = written_.find("\r\n\r\n");
        const auto at = written_.find("Content-Length: ");
        if (end == std::string::npos || at == std::string::npos) return {};
        if (written_.size() < end + 4 + std::stoul(written_.substr(at + 16))) return {};
        unread_ += web_->reply(host_, std::exchange(written_, {}));
        return {};
    }
    Result<net::TlsFacts> start_tls(const std::string &, const net::Trust &, SteadyTime) override {
        encrypted_ = true;
        return net::TlsFacts();
    }
    [[nodiscard]] bool encrypted() const override { return encrypted_; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return -1; }
    void cancel() override {}
    void close() override {}

  private:
    const std::shared_ptr<Web> web_;
    const std::string host_;
    std::string written_;
    std::string unread_;
    bool encrypted_ = false;
};

Result<std::unique_ptr<net::Stream>> Web::connect(const std::string &host, std::uint16_t port, SteadyTime) {
    if (port != 443 || !servers.contains(host))
        return Error{Fault::name_lookup, "dns", "looking up " + host, "", ""};
    return std::unique_ptr<net::Stream>(std::make_unique<WebStream>(shared_from_this(), host));
}

class Names final : public net::DnsRecords {
  public:
    Result<std::vector<net::ServiceRecord>> services(const std::string &name) override { return srv[name]; }
    Result<std::vector<net::MailExchange>> exchanges(const std::string &) override {
        return std::vector<net::MailExchange>();
    }
    std::map<std::string, std::vector<net::ServiceRecord>> srv;
};

std::string http(const std::string &status, const std::string &fields, const std::string &body = {}) {
    return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

std::string settings_of(const std::string &url) {
    return http(
        "200 OK", "Content-Type: text/xml\r\n",
        R"(<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/)"
        R"(responseschema/2006"><Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/)"
        R"(responseschema/2006a"><Account><AccountType>email</AccountType><Action>settings</Action><Protocol>)"
        R"(<Type>EXCH</Type><EwsUrl>)" +
            url + "</EwsUrl></Protocol></Account></Response></Autodiscover>");
}

std::string soap_settings_of(const std::string &url, const std::string &code = "NoError",
                             const std::string &target = {}) {
    return http(
        "200 OK", "Content-Type: text/xml; charset=utf-8\r\n",
        R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>)"
        R"(<GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover">)"
        "<Response><ErrorCode>NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>" +
            code + "</ErrorCode><RedirectTarget>" + target +
            "</RedirectTarget><UserSettings><UserSetting><Name>ExternalEwsUrl</Name><Value>" + url +
            "</Value></UserSetting></UserSettings></UserResponse></UserResponses></Response>"
            "</GetUserSettingsResponseMessage></s:Body></s:Envelope>");
}

bool by_soap(const std::string &request) {
    return request.starts_with("POST /autodiscover/autodiscover.svc ");
}

// As an Exchange server in front of a login by Basic.
std::string wants_login(const std::string &request, const std::string &then) {
    if (request.find("Authorization: Basic") != std::string::npos) return then;
    return http("401 Unauthorized", "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"x\"\r\n");
}

class Discovery : public testing::Test {
  protected:
    std::optional<DiscoveredExchange> find(const std::string &password = {}) {
        ExchangeDiscovery discovery(names, web, std::make_shared<SystemClock>(), {"CORP\\ann", password, {}},
                                    [] { return false; });
        return discovery.find("ann@corp.example", "corp.example");
    }

    Names names;
    std::shared_ptr<Web> web = std::make_shared<Web>();
};

TEST_F(Discovery, A_server_that_is_given_the_typed_password_tells_the_address) {
    web->servers["autodiscover.corp.example"] = [](const std::string &request) {
        return wants_login(request, settings_of("https://mail.corp.example/EWS/Exchange.asmx"));
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->ews_url, "https://mail.corp.example/EWS/Exchange.asmx");
    EXPECT_TRUE(found->told);
    EXPECT_FALSE(found->other);
    EXPECT_THAT(web->said, HasSubstr("<EMailAddress>ann@corp.example</EMailAddress>"));
}

TEST_F(Discovery, Without_a_password_the_address_is_where_such_a_server_has_it) {
    web->servers["autodiscover.corp.example"] = [](const std::string &request) {
        return wants_login(request, {});
    };
    const auto found = find();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->ews_url, "https://autodiscover.corp.example/EWS/Exchange.asmx");
    EXPECT_FALSE(found->told);
    EXPECT_THAT(web->said, testing::Not(HasSubstr("Authorization")));
}

TEST_F(Discovery, A_server_in_another_domain_is_found_and_never_given_the_password) {
    names.srv["_autodiscover._tcp.corp.example"] = {{0, 0, 443, "mail.host.example"}};
    web->servers["mail.host.example"] = [](const std::string &request) { return wants_login(request, {}); };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->other);
    EXPECT_THAT(web->said, testing::Not(HasSubstr("Authorization")));
}

TEST_F(Discovery, A_server_that_sends_elsewhere_is_believed_as_far_as_the_place) {
    web->servers["autodiscover.corp.example"] = [](const std::string &) {
        return http("302 Found", "Location: https://mail.host.example/autodiscover/autodiscover.xml\r\n");
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->ews_url, "https://mail.host.example/EWS/Exchange.asmx");
    EXPECT_TRUE(found->other);
    EXPECT_THAT(web->asked, ElementsAre("autodiscover.corp.example"));
}

TEST_F(Discovery, A_server_without_plain_XML_is_asked_by_SOAP) {
    for (const auto *status : {"404 Not Found", "403 Forbidden"}) {
        web->said.clear();
        web->servers["corp.example"] = [status](const std::string &request) {
            if (!by_soap(request)) return http(status, "");
            return wants_login(request, soap_settings_of("https://mail.corp.example/EWS/Exchange.asmx"));
        };
        const auto found = find("s3cret");
        ASSERT_TRUE(found) << status;
        EXPECT_EQ(found->ews_url, "https://mail.corp.example/EWS/Exchange.asmx");
        EXPECT_TRUE(found->told);
        EXPECT_THAT(web->said, HasSubstr("<a:Mailbox>ann@corp.example</a:Mailbox>"));
        EXPECT_THAT(web->said, HasSubstr("<w:To>https://corp.example/autodiscover/autodiscover.svc</w:To>"));
    }
}

TEST_F(Discovery, Plain_XML_that_is_not_there_behind_the_login_is_asked_for_by_SOAP) {
    web->servers["corp.example"] = [](const std::string &request) {
        return wants_login(request, by_soap(request)
                                        ? soap_settings_of("https://mail.corp.example/EWS/Exchange.asmx")
                                        : http("404 Not Found", ""));
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->told);
}

TEST_F(Discovery, A_password_that_was_refused_is_not_tried_by_SOAP) {
    web->servers["corp.example"] = [](const std::string &request) {
        return wants_login(request, wants_login({}, {}));
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->told);
    EXPECT_THAT(web->said, HasSubstr("Authorization: Basic"));
    EXPECT_THAT(web->said, testing::Not(HasSubstr("autodiscover.svc")));
}

TEST_F(Discovery, By_SOAP_too_a_server_in_another_domain_is_never_given_the_password) {
    names.srv["_autodiscover._tcp.corp.example"] = {{0, 0, 443, "mail.host.example"}};
    web->servers["mail.host.example"] = [](const std::string &request) {
        return by_soap(request) ? wants_login(request, {}) : http("404 Not Found", "");
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->other);
    EXPECT_FALSE(found->told);
    EXPECT_THAT(web->said, testing::Not(HasSubstr("Authorization")));
}

TEST_F(Discovery, What_sends_elsewhere_by_SOAP_is_believed_as_far_as_the_place) {
    web->servers["corp.example"] = [](const std::string &request) {
        return by_soap(request) ? soap_settings_of("", "RedirectUrl",
                                                   "https://mail.host.example/autodiscover/autodiscover.svc")
                                : http("404 Not Found", "");
    };
    const auto found = find("s3cret");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->other);
    EXPECT_EQ(found->ews_url, "https://mail.host.example/EWS/Exchange.asmx");
    EXPECT_THAT(web->asked, testing::Each("corp.example"));
}

TEST_F(Discovery, A_web_site_is_no_Exchange_server) {
    EXPECT_FALSE(find());
    for (const auto &said :
         {http("200 OK", "Content-Type: text/html\r\n", "<html>Welcome</html>"), http("404 Not Found", ""),
          http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n"),
          http("301 Moved Permanently", "Location: https://www.corp.example/\r\n"),
          settings_of("http://mail.corp.example/EWS/Exchange.asmx"),
          soap_settings_of("http://mail.corp.example/EWS/Exchange.asmx"),
          http("200 OK", "", std::string(1 << 20, ' '))}) {
        web->servers["corp.example"] = [said](const std::string &) { return said; };
        EXPECT_FALSE(find()) << said.substr(0, 200);
    }
}

} // namespace
} // namespace roe::settings
