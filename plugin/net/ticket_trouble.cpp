#include "net/ticket_trouble.hpp"

#include <utility>

#include <gssapi/gssapi.h>
#include <krb5.h>

namespace roe::net {
namespace {

constexpr auto no_ticket =
    "The account that the orchestrator runs as has no Kerberos ticket. Give its process a client keytab "
    "(KRB5_CLIENT_KTNAME) or a credential cache that is kept fresh (KRB5CCNAME), which that account may read.";
constexpr auto expired =
    "Renew the ticket of the account that the orchestrator runs as (kinit), or give its "
    "process a client keytab (KRB5_CLIENT_KTNAME), by which tickets are renewed by themselves.";
constexpr auto unreachable = "Check that this machine reaches the realm's Kerberos servers (port 88), and the "
                             "servers that krb5.conf names.";
constexpr auto unknown_realm = "This machine does not know the Kerberos realm: check krb5.conf and DNS.";
constexpr auto clocks =
    "The clocks of this machine, the Kerberos server and the mail server must agree within five "
    "minutes: set them.";
constexpr auto wrong_key = "The keytab's key is not, or no longer, the account's: make the keytab anew.";
constexpr auto no_account = "The Kerberos account of the orchestrator is unknown, locked or expired: have the "
                            "realm's administrator look.";

} // namespace

TicketTrouble ticket_trouble(std::uint32_t major, std::uint32_t minor, std::string words,
                             const std::string &service) {
    // Minor codes are the Kerberos library's, as its mechanism is the only one that is asked for.
    switch (static_cast<krb5_error_code>(minor)) {
    case KRB5_CC_NOTFOUND:
    case KRB5_FCC_NOFILE:
    case KRB5_FCC_PERM:
    case KRB5_KT_NOTFOUND:
        return {Fault::refused, std::move(words), no_ticket};
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
        return {Fault::refused, std::move(words), expired};
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
        return {Fault::refused, std::move(words),
                "Kerberos knows no service " + service +
                    ". Enter the name of the server that the realm knows it by, not an address or an alias, or "
                    "have the service added to the realm."};
    case KRB5_KDC_UNREACH:
        return {Fault::unreachable, std::move(words), unreachable};
    case KRB5_REALM_UNKNOWN:
    case KRB5_REALM_CANT_RESOLVE:
    case KRB5_CONFIG_NODEFREALM:
    case KRB5_CONFIG_CANTOPEN:
    case KRB5_CONFIG_BADFORMAT:
        return {Fault::refused, std::move(words), unknown_realm};
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5KRB_AP_ERR_TKT_NYV:
    case KRB5_KDCREP_SKEW:
        return {Fault::refused, std::move(words), clocks};
    case KRB5KDC_ERR_CLIENT_REVOKED:
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
    case KRB5KDC_ERR_NAME_EXP:
        return {Fault::login_refused, std::move(words), no_account};
    case KRB5KDC_ERR_PREAUTH_FAILED:
    case KRB5KDC_ERR_KEY_EXP:
        return {Fault::login_refused, std::move(words), wrong_key};
    case KRB5KRB_AP_ERR_BAD_INTEGRITY:
        if (GSS_ROUTINE_ERROR(major) != GSS_S_NO_CRED) return unproved(service);
        return {Fault::login_refused, std::move(words), wrong_key};
    default:
        break;
    }
    switch (GSS_ROUTINE_ERROR(major)) {
    case GSS_S_NO_CRED:
        return {Fault::refused, std::move(words), no_ticket};
    case GSS_S_CREDENTIALS_EXPIRED:
        return {Fault::refused, std::move(words), expired};
    case GSS_S_DEFECTIVE_TOKEN:
    case GSS_S_BAD_SIG:
        return {Fault::protocol, std::move(words), {}};
    default:
        return {Fault::refused, std::move(words), {}};
    }
}

TicketTrouble kerberos_is_silent() {
    return {Fault::timed_out, "the Kerberos server did not answer in time", unreachable};
}

TicketTrouble unproved(const std::string &service) {
    return {
        Fault::untrusted, "the server did not prove that it is " + service,
        "Somebody may be answering in the server's place, or its keytab is not the realm's. Check server name, "
        "port and encryption."};
}

} // namespace roe::net
