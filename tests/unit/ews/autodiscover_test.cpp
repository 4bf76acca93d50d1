#include "source/ews/autodiscover.hpp"

#include <gmock/gmock.h>
#include <pugixml.hpp>

namespace roe::ews {
namespace {

using testing::HasSubstr;

// As Exchange writes it.
std::string soap(const std::string &user_response) {
    return R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" )"
           R"(xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action s:mustUnderstand="1">)"
           "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettingsResponse"
           R"(</a:Action><h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/2010/Autodiscover" )"
           R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><h:MajorVersion>15</h:MajorVersion>)"
           "</h:ServerVersionInfo></s:Header><s:Body><GetUserSettingsResponseMessage "
           R"(xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response )"
           R"(xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ErrorCode>NoError</ErrorCode><ErrorMessage/>)"
           "<UserResponses>" +
           user_response + "</UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>";
}

std::string user_response(const std::string &code, const std::string &target, const std::string &settings) {
    return "<UserResponse><ErrorCode>" + code + "</ErrorCode><ErrorMessage>text</ErrorMessage>" +
           (target.empty() ? R"(<RedirectTarget i:nil="true"/>)"
                           : "<RedirectTarget>" + target + "</RedirectTarget>") +
           "<UserSettingErrors/><UserSettings>" + settings + "</UserSettings></UserResponse>";
}

std::string setting(const std::string &name, const std::string &value) {
    return R"(<UserSetting i:type="StringSetting"><Name>)" + name + "</Name><Value>" + value +
           "</Value></UserSetting>";
}

TEST(Autodiscover, The_external_address_by_SOAP_goes_before_the_internal_one) {
    const auto internal = setting("InternalEwsUrl", "https://in.corp.example/EWS/Exchange.asmx");
    const auto external = setting("ExternalEwsUrl", "https://mail.corp.example/EWS/Exchange.asmx");
    const auto both = read_autodiscover(soap(user_response("NoError", "", internal + external)));
    ASSERT_TRUE(both);
    EXPECT_EQ(both->ews_url, "https://mail.corp.example/EWS/Exchange.asmx");
    const auto unset = setting("ExternalEwsUrl", "");
    const auto one = read_autodiscover(soap(user_response("NoError", "", unset + internal)));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->ews_url, "https://in.corp.example/EWS/Exchange.asmx");
    EXPECT_EQ(one->redirect_url + one->redirect_address, "");
}

TEST(Autodiscover, By_SOAP_it_sends_elsewhere_or_knows_nobody_of_that_name) {
    const std::string url = "https://other.example/autodiscover/autodiscover.svc";
    const auto sent = read_autodiscover(soap(user_response("RedirectUrl", url, "")));
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->redirect_url, url);
    EXPECT_EQ(sent->ews_url + sent->redirect_address, "");
    const auto renamed = read_autodiscover(soap(user_response("RedirectAddress", "ann@other.example", "")));
    ASSERT_TRUE(renamed);
    EXPECT_EQ(renamed->redirect_address, "ann@other.example");
    EXPECT_EQ(renamed->ews_url + renamed->redirect_url, "");
    for (const auto *code : {"InvalidUser", "ServerBusy"}) {
        const auto none = read_autodiscover(soap(user_response(code, url, "")));
        ASSERT_TRUE(none);
        EXPECT_EQ(none->ews_url + none->redirect_url + none->redirect_address, "") << code;
    }
}

TEST(Autodiscover, What_is_no_answer_by_SOAP_is_none) {
    const auto whole =
        soap(user_response("NoError", "", setting("ExternalEwsUrl", "https://mail.corp.example/")));
    ASSERT_TRUE(read_autodiscover(whole));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(read_autodiscover(whole.substr(0, size))) << size;
    EXPECT_FALSE(read_autodiscover(whole + std::string(most_autodiscover_bytes, ' ')));
    EXPECT_FALSE(read_autodiscover(
        R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>)"
        "<faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"));
    std::string deep;
    while (deep.size() < most_autodiscover_bytes / 2)
        deep += "<Envelope>";
    EXPECT_FALSE(read_autodiscover(deep));
}

TEST(Autodiscover, An_entity_of_the_servers_own_is_not_put_in) {
    const auto answer = read_autodiscover(R"(<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>)" +
                                          soap(user_response("NoError", "", setting("ExternalEwsUrl", "&e;"))));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->ews_url, "&e;");
}

TEST(Autodiscover, An_address_cannot_break_out_of_the_SOAP_request) {
    const std::string address = "a</a:Mailbox>&\"<b@corp.example";
    const std::string service = "https://corp.example/autodiscover/autodiscover.svc";
    const auto text = autodiscover_soap_request(address, service);
    pugi::xml_document read;
    ASSERT_TRUE(read.load_string(text.c_str()));
    const auto request =
        read.first_element_by_path("s:Envelope/s:Body/a:GetUserSettingsRequestMessage/a:Request");
    EXPECT_EQ(request.first_element_by_path("a:Users/a:User/a:Mailbox").text().get(), address);
    EXPECT_EQ(read.first_element_by_path("s:Envelope/s:Header/w:To").text().get(), service);
    EXPECT_THAT(text, HasSubstr("<a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting>"
                                "<a:Setting>InternalEwsUrl</a:Setting></a:RequestedSettings>"));
}

} // namespace
} // namespace roe::ews
