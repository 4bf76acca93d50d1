#include "net/verification.hpp"

#include <array>
#include <cassert>
#include <ctime>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <Poco/Net/IPAddress.h>

#include "net/openssl.hpp"
#include "net/trust.hpp"

namespace roe::net {
namespace {

thread_local Verification *under_way = nullptr;

std::string text_of(const X509_NAME *name) {
    const Bio out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    const char *text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string rfc3339(const ASN1_TIME *time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

std::string sha256_of(const X509 *certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &size);
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += hex[digest[i] >> 4U];
        text += hex[digest[i] & 15U];
    }
    return text;
}

CertificateFacts described(const X509 *certificate) {
    return {.subject = text_of(X509_get_subject_name(certificate)),
            .issuer = text_of(X509_get_issuer_name(certificate)),
            .not_before = rfc3339(X509_get0_notBefore(certificate)),
            .not_after = rfc3339(X509_get0_notAfter(certificate)),
            .sha256 = sha256_of(certificate)};
}

// What the server sent beside its own certificate, which OpenSSL keeps in front of it.
std::vector<CertificateFacts> described_above(const STACK_OF(X509) * sent, const X509 *own) {
    constexpr std::size_t most_described = 8;
    std::vector<CertificateFacts> above;
    for (int i = 0; i < sk_X509_num(sent) && above.size() < most_described; ++i) {
        const X509 *one = sk_X509_value(sent, i);
        if (X509_cmp(one, own) != 0) above.push_back(described(one));
    }
    return above;
}

std::string names_in(X509 *certificate) {
    const std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>> names(
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    constexpr int most_shown = 5;
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    std::string text;
    for (int i = 0; i < count && i < most_shown; ++i) {
        const GENERAL_NAME *one = sk_GENERAL_NAME_value(names.get(), i);
        if (one->type != GEN_DNS) continue;
        const std::string_view name(reinterpret_cast<const char *>(ASN1_STRING_get0_data(one->d.dNSName)),
                                    static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
        if (!text.empty()) text += ", ";
        for (const char c : name)
            text += c > ' ' && c < '\x7f' ? c : '?';
    }
    if (count > most_shown) text += ", …";
    return text.empty() ? text_of(X509_get_subject_name(certificate)) : text;
}

bool expect_name(X509_VERIFY_PARAM *parameters, const std::string &host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) {
        return X509_VERIFY_PARAM_set1_ip(parameters, static_cast<const unsigned char *>(address.addr()),
                                         address.length()) == 1;
    }
    // RFC 6125 section 6.4.3: a wildcard stands for a whole label.
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // The root's dot of a fully written name is in no certificate.
    const std::size_t size = host.ends_with('.') ? host.size() - 1 : host.size();
    return X509_VERIFY_PARAM_set1_host(parameters, host.data(), size) == 1;
}

} // namespace

Verification::Verification(std::string host, const Trust &trust)
    : host_(std::move(host)), pin_(normal_fingerprint(trust.pinned_sha256)),
      own_authority_(!trust.ca_pem.empty()) {
    assert(under_way == nullptr);
    under_way = this;
}

Verification::~Verification() {
    under_way = nullptr;
}

int Verification::judge(X509_STORE_CTX *store, void *) noexcept {
    if (under_way == nullptr) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0;
    }
    const bool accepted = under_way->examine(store);
    under_way->verdict_ = accepted ? Verdict::accepted : Verdict::refused;
    return accepted ? 1 : 0;
}

bool Verification::examine(X509_STORE_CTX *store) {
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    if (certificate == nullptr) {
        reason_ = X509_V_ERR_UNSPECIFIED;
        return false;
    }
    facts_.certificate = described(certificate);
    facts_.above = described_above(X509_STORE_CTX_get0_untrusted(store), certificate);
    names_ = names_in(certificate);

    if (!pin_.empty()) {
        // That the server owns the certificate's key is proved by the handshake itself.
        const bool same = facts_.certificate.sha256 == pin_;
        reason_ = same ? X509_V_OK : X509_V_ERR_APPLICATION_VERIFICATION;
        X509_STORE_CTX_set_error(store, reason_);
        return same;
    }
    if (!expect_name(X509_STORE_CTX_get0_param(store), host_)) {
        reason_ = X509_V_ERR_HOSTNAME_MISMATCH;
        X509_STORE_CTX_set_error(store, reason_);
        return false;
    }
    const bool good = X509_verify_cert(store) > 0;
    reason_ = X509_STORE_CTX_get_error(store);
    return good;
}

Error Verification::refusal(const std::string &doing) const {
    Error error;
    error.fault = Fault::untrusted;
    error.step = "tls";
    error.doing = doing;
    const std::string pin_it =
        "to trust exactly this certificate, put its SHA-256 fingerprint into the mailbox: " +
        facts_.certificate.sha256;
    const std::string or_pin = " If you are sure that this is your server, " + pin_it;
    const std::string about = " (" + facts_.certificate.subject + ")";

    if (!pin_.empty()) {
        error.server_text = "the certificate is not the pinned one" + about;
        error.advice = "The server shows another certificate than the one whose fingerprint is set. If it was "
                       "renewed on purpose, set the new fingerprint: " +
                       facts_.certificate.sha256;
        return error;
    }
    error.server_text = X509_verify_cert_error_string(reason_) + about;
    switch (reason_) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        error.server_text = "the certificate has expired" + about;
        error.advice = "It, or an authority above it, is no longer valid; the server's own was valid until " +
                       facts_.certificate.not_after +
                       ". Have it renewed on the server, and check this machine's clock." + or_pin;
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        error.server_text = "the certificate is not yet valid" + about;
        error.advice =
            "It becomes valid at " + facts_.certificate.not_before + ". Check this machine's clock." + or_pin;
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        error.server_text = "the certificate is for another host: " + names_;
        error.advice = "Enter a server name that is in the certificate (" + names_ + ") instead of " + host_ +
                       "." + or_pin;
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        error.server_text = "the certificate is self-signed" + about;
        error.advice = "No authority vouches for this server." + or_pin;
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        error.server_text = "the certificate's authority is not known: " + facts_.certificate.issuer;
        error.advice =
            own_authority_
                ? "Neither the system nor the mailbox's CA certificate vouches for it: check that the "
                  "right CA certificate is set, and that the server sends its intermediate certificates."
                : "If the authority is your organisation's own, put its CA certificate into the mailbox; "
                  "else the server may not send its intermediate certificates, or a firewall or antivirus "
                  "replaces the certificate.";
        error.advice += or_pin;
        break;
    default:
        error.advice = "Have the certificate replaced on the server." + or_pin;
    }
    return error;
}

} // namespace roe::net
