#include "support/certificates.hpp"

#include <array>
#include <atomic>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace roe::test {
namespace {

template <class Write>
std::string text_written_by(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
    if (write(out.get()) != 1) throw std::runtime_error("OpenSSL could not write a certificate or key");
    const char *text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

void extend(X509 *certificate, X509 *issuer, int nid, const std::string &value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) throw std::runtime_error("OpenSSL does not take the extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

std::string alternative_names(const Identity::Wish &wish) {
    std::string names;
    for (const auto &host : wish.hosts)
        names += (names.empty() ? "DNS:" : ",DNS:") + host;
    for (const auto &address : wish.addresses)
        names += (names.empty() ? "IP:" : ",IP:") + address;
    return names;
}

} // namespace

Identity::Identity(const Wish &wish)
    : certificate_(X509_new(), X509_free), key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    static std::atomic<long> serial{1};
    X509 *certificate = certificate_.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    const auto seconds = [](std::chrono::hours hours) { return std::chrono::seconds(hours).count(); };
    X509_gmtime_adj(X509_getm_notBefore(certificate), seconds(wish.valid_from));
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds(wish.valid_to));
    X509_set_pubkey(certificate, key_.get());

    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char *>(wish.name.c_str()), -1, -1, 0);
    X509 *issuer = wish.issuer != nullptr ? wish.issuer->certificate() : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));

    if (wish.authority) extend(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
    if (const auto names = alternative_names(wish); !names.empty()) {
        extend(certificate, issuer, NID_subject_alt_name, names);
    }
    EVP_PKEY *signer = wish.issuer != nullptr ? wish.issuer->key() : key_.get();
    if (X509_sign(certificate, signer, EVP_sha256()) == 0) throw std::runtime_error("OpenSSL could not sign");
}

std::string Identity::certificate_pem() const {
    return text_written_by([this](BIO *out) { return PEM_write_bio_X509(out, certificate()); });
}

std::string Identity::key_pem() const {
    return text_written_by([this](BIO *out) {
        return PEM_write_bio_PrivateKey(out, key(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string Identity::sha256() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate(), EVP_sha256(), digest.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        constexpr std::string_view hex = "0123456789abcdef";
        text += hex[digest[i] / 16];
        text += hex[digest[i] % 16];
    }
    return text;
}

} // namespace roe::test
