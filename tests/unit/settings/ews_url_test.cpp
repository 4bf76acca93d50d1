#include "settings/ews_url.hpp"

#include <gmock/gmock.h>

namespace roe::settings {
namespace {

struct MendedCase {
    std::string typed;
    std::string meant;
};

class Mended : public testing::TestWithParam<MendedCase> {};

TEST_P(Mended, What_people_enter_becomes_the_address_of_the_web_services) {
    const auto url = read_ews_url(GetParam().typed);
    EXPECT_EQ(url.fault, "");
    EXPECT_EQ(url.text, GetParam().meant);
    EXPECT_EQ(read_ews_url(url.text).text, url.text) << "and stays as it is then";
}

constexpr auto usual = "https://mail.example.com/EWS/Exchange.asmx";

INSTANTIATE_TEST_SUITE_P(
    Table, Mended,
    testing::Values(
        MendedCase{"https://mail.example.com/EWS/Exchange.asmx", usual}, MendedCase{"mail.example.com", usual},
        MendedCase{"MAIL.example.com/", usual}, MendedCase{"https://mail.example.com", usual},
        MendedCase{"HTTPS://mail.example.com:443/", usual}, MendedCase{"https://mail.example.com/owa", usual},
        MendedCase{"https://mail.example.com/owa/#path=/mail", usual},
        MendedCase{"https://mail.example.com/owa/auth/logon.aspx?url=https%3a%2f%2fx", usual},
        MendedCase{"mail.example.com/ecp/", usual},
        MendedCase{"https://mail.example.com/Autodiscover/Autodiscover.xml", usual},
        MendedCase{"https://mail.example.com/ews", usual},
        MendedCase{"https://mail.example.com/EWS/Services.wsdl", usual},
        MendedCase{"https://mail.example.com/EWS/Exchange.asmx/", usual},
        MendedCase{"https://mail.example.com/EWS/Exchange.asmx?wsdl", usual},
        MendedCase{"https://mail.example.com/ews/exchange.asmx", "https://mail.example.com/ews/exchange.asmx"},
        MendedCase{"mail.example.com:8443", "https://mail.example.com:8443/EWS/Exchange.asmx"},
        MendedCase{"http://mail.example.com/owa", "http://mail.example.com/EWS/Exchange.asmx"},
        MendedCase{"http://mail.example.com:8080", "http://mail.example.com:8080/EWS/Exchange.asmx"},
        MendedCase{"https://[::1]:8443", "https://[::1]:8443/EWS/Exchange.asmx"},
        MendedCase{"https://proxy.example.com/published/mail", "https://proxy.example.com/published/mail"},
        MendedCase{"почта.рф", "https://почта.рф/EWS/Exchange.asmx"}));

class Refused : public testing::TestWithParam<const char *> {};

TEST_P(Refused, What_can_be_no_such_address_is_refused_with_a_reason) {
    const auto url = read_ews_url(GetParam());
    EXPECT_THAT(url.fault, testing::HasSubstr("must"));
    EXPECT_EQ(url.text, "");
}

INSTANTIATE_TEST_SUITE_P(Table, Refused,
                         testing::Values("ftp://mail.example.com/", "imap://mail.example.com", "https://",
                                         "https:///EWS/Exchange.asmx", "mail example com",
                                         "https://ann:secret@mail.example.com/", "ann@example.com",
                                         "https://mail.example.com:0/", "https://mail.example.com:99999/",
                                         "\\\\server\\share", "https://mail.example.com/\"><x"));

TEST(EwsUrl, Its_parts_are_what_is_connected_to) {
    const auto url = read_ews_url("mail.example.com:8443/owa");
    EXPECT_EQ(url.address.host, "mail.example.com");
    EXPECT_EQ(url.address.port, 8443);
    EXPECT_EQ(url.address.path, "/EWS/Exchange.asmx");
    EXPECT_TRUE(url.address.encrypted);
    EXPECT_FALSE(read_ews_url("http://mail.example.com").address.encrypted);
}

} // namespace
} // namespace roe::settings
