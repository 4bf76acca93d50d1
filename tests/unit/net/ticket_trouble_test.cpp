#include "net/ticket_trouble.hpp"

#include <gmock/gmock.h>
#include <gssapi/gssapi.h>
#include <krb5.h>

namespace roe::net {
namespace {

using testing::HasSubstr;

TicketTrouble of(long minor, std::uint32_t major = GSS_S_FAILURE) {
    return ticket_trouble(major, static_cast<std::uint32_t>(minor), "words of the library",
                          "imap@mail.example.com");
}

struct TroubleCase {
    const char *name;
    long minor;
    std::uint32_t major;
    Fault fault;
    const char *advice;
};

class TicketTroubles : public testing::TestWithParam<TroubleCase> {};

TEST_P(TicketTroubles, Each_says_what_to_do_and_whether_it_is_worth_trying_again) {
    const auto &[name, minor, major, fault, advice] = GetParam();
    const auto trouble = of(minor, major);
    EXPECT_EQ(trouble.fault, fault);
    EXPECT_EQ(trouble.words, "words of the library");
    EXPECT_THAT(trouble.advice, HasSubstr(advice));
}

INSTANTIATE_TEST_SUITE_P(
    Codes, TicketTroubles,
    testing::Values(
        TroubleCase{"no_ticket", KRB5_CC_NOTFOUND, GSS_S_NO_CRED, Fault::refused, "KRB5_CLIENT_KTNAME"},
        TroubleCase{"no_cache", KRB5_FCC_NOFILE, GSS_S_NO_CRED, Fault::refused, "KRB5CCNAME"},
        TroubleCase{"expired", KRB5KRB_AP_ERR_TKT_EXPIRED, GSS_S_FAILURE, Fault::refused, "kinit"},
        TroubleCase{"expired_as_GSSAPI_has_it", 0, GSS_S_CREDENTIALS_EXPIRED, Fault::refused, "kinit"},
        TroubleCase{"unknown_service", KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, GSS_S_FAILURE, Fault::refused,
                    "imap@mail.example.com"},
        TroubleCase{"no_kdc", KRB5_KDC_UNREACH, GSS_S_NO_CRED, Fault::unreachable, "port 88"},
        TroubleCase{"unknown_realm", KRB5_REALM_UNKNOWN, GSS_S_NO_CRED, Fault::refused, "krb5.conf"},
        TroubleCase{"clocks", KRB5KRB_AP_ERR_SKEW, GSS_S_FAILURE, Fault::refused, "clocks"},
        TroubleCase{"locked", KRB5KDC_ERR_CLIENT_REVOKED, GSS_S_NO_CRED, Fault::login_refused, "locked"},
        TroubleCase{"unknown_account", KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, GSS_S_NO_CRED, Fault::login_refused,
                    "unknown"},
        TroubleCase{"old_key", KRB5KDC_ERR_PREAUTH_FAILED, GSS_S_NO_CRED, Fault::login_refused, "keytab"},
        TroubleCase{"old_key_without_preauthentication", KRB5KRB_AP_ERR_BAD_INTEGRITY, GSS_S_NO_CRED,
                    Fault::login_refused, "keytab"},
        TroubleCase{"unknown_code", 12345, GSS_S_NO_CRED, Fault::refused, "KRB5CCNAME"}),
    [](const auto &parameter) { return std::string(parameter.param.name); });

TEST(TicketTrouble, A_proof_that_cannot_be_read_is_an_impostors) {
    const auto trouble = of(KRB5KRB_AP_ERR_BAD_INTEGRITY, GSS_S_FAILURE);
    EXPECT_EQ(trouble.fault, Fault::untrusted);
    EXPECT_THAT(trouble.words, HasSubstr("imap@mail.example.com"));
}

TEST(TicketTrouble, What_the_server_says_beside_the_point_is_its_fault) {
    EXPECT_EQ(of(0, GSS_S_DEFECTIVE_TOKEN).fault, Fault::protocol);
}

} // namespace
} // namespace roe::net
