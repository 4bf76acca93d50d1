#include "net/tls_error.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>

#include "net/stream.hpp"

namespace roe::net {
namespace {

// Poco keeps of OpenSSL's error only its text, "error:0A00010B:SSL routines::wrong version number", which
// begins with its code.
unsigned long code_in(const std::string &text) {
    constexpr std::string_view start = "error:";
    const auto at = text.find(start);
    return at == std::string::npos ? 0 : std::strtoul(text.c_str() + at + start.size(), nullptr, 16);
}

struct Diagnosis {
    std::string words;
    std::string advice;
};

Diagnosis diagnose(unsigned long code) {
    switch (ERR_GET_REASON(code)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_TOO_SMALL:
        return {std::string(plain_text_answer),
                "This port does not begin with TLS. Use the port for TLS from the start (993 for IMAP, 995 for "
                "POP3), "
                "or the standard port (143, 110), where encryption begins with STARTTLS."};
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_VERSION_TOO_LOW:
        return {"no common protocol version", "The server offers only versions older than TLS 1.2, which are "
                                              "no longer safe. Have TLS 1.2 or newer "
                                              "switched on at the server."};
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_CIPHERS_AVAILABLE:
        return {"the server refused the handshake",
                "Server and client have no cipher in common, or the server demands a client certificate. Have "
                "modern "
                "ciphers switched on at the server, or set the mailbox's client certificate."};
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
        return {"the server demands a client certificate",
                "Set the mailbox's client certificate with its key."};
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
        return {
            "the server refused the client certificate",
            "Set a client certificate that the server accepts: not expired, and issued by an authority that it "
            "knows."};
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
        return {"the server does not know this host name",
                "Enter the server name under which the server offers its mail service."};
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
    case SSL_R_BAD_ECPOINT:
        return {"the server's cryptography is outdated",
                "Have the server updated, or modern ciphers and secure renegotiation switched on there."};
    default:
        return {
            "",
            "Check that the port is one for TLS; whatever stands between this machine and the server (proxy, "
            "antivirus, firewall) may also break it."};
    }
}

} // namespace

Error tls_error(const Poco::Exception &failure, const std::string &doing, bool handshake) {
    Error error;
    error.fault = handshake ? Fault::tls : Fault::unreachable;
    error.step = handshake ? "tls" : "connect";
    error.doing = doing;
    const std::string text = failure.message();
    const unsigned long code = code_in(text);
    if (code != 0) {
        error.fault = Fault::tls;
        error.step = "tls";
        Diagnosis found = diagnose(code);
        const char *reason = ERR_reason_error_string(code);
        error.server_text = !found.words.empty() ? found.words : reason != nullptr ? reason : text;
        error.advice = std::move(found.advice);
        return error;
    }
    if (dynamic_cast<const Poco::Net::SSLConnectionUnexpectedlyClosedException *>(&failure) != nullptr) {
        error.server_text = "the server closed the connection";
    } else if (failure.code() != 0) {
        error.server_text = std::generic_category().message(failure.code());
    } else {
        error.server_text = text.empty() ? failure.displayText() : text;
    }
    if (handshake) {
        error.advice =
            "The connection broke in the middle of the TLS handshake. Check that the port is one for TLS, "
            "and that the server has a certificate; a firewall on the way may also cut it.";
    }
    return error;
}

} // namespace roe::net
