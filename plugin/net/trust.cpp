#include "net/trust.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <Poco/Crypto/OpenSSLInitializer.h>
#include <Poco/Exception.h>
#include <Poco/File.h>

#include "net/openssl.hpp"
#include "net/verification.hpp"

namespace roe::net {
namespace {

using Poco::Net::Context;

// Where distributions keep their authorities, for an OpenSSL that was built for another one.
constexpr std::array authority_files{
    "/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Red Hat, Fedora
    "/etc/pki/tls/certs/ca-bundle.crt",                  // older Red Hat
    "/var/lib/ca-certificates/ca-bundle.pem",            // SUSE
    "/etc/ssl/cert.pem",                                 // Alpine, BSD
};

// Poco's default list, "ALL:!ADH:…", leaves the anonymous elliptic-curve suites in, which have no certificate.
constexpr const char *ciphers = "DEFAULT:!aNULL:!eNULL";

Error unusable(std::string what, std::string advice) {
    return Error{.fault = Fault::tls,
                 .step = "tls",
                 .doing = std::move(what),
                 .server_text = "",
                 .advice = std::move(advice)};
}

// OpenSSL would otherwise ask for a passphrase on the terminal of the host.
int no_passphrase(char *, int, int, void *) {
    return 0;
}

Bio memory_of(const std::string &pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::vector<Certificate> certificates_in(const std::string &pem) {
    std::vector<Certificate> found;
    const Bio text = memory_of(pem);
    while (X509 *one = PEM_read_bio_X509(text.get(), nullptr, no_passphrase, nullptr))
        found.emplace_back(one);
    ERR_clear_error(); // the last attempt always fails: no more PEM there
    return found;
}

// For a set-up whose own default places (OPENSSLDIR, SSL_CERT_FILE, SSL_CERT_DIR) are there, they suffice; they
// are read certificate by certificate when needed, where a bundle costs about a megabyte at once.
bool default_places_exist() {
    const auto exists = [](const char *variable, const char *fallback) {
        const char *set = std::getenv(variable);
        const std::string place = set != nullptr ? set : fallback;
        return !place.empty() && Poco::File(place).exists();
    };
    return exists(X509_get_default_cert_file_env(), X509_get_default_cert_file()) ||
           exists(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
}

void trust_system(SSL_CTX *context) {
    SSL_CTX_set_default_verify_paths(context);
    if (!default_places_exist()) {
        for (const char *file : authority_files) {
            if (SSL_CTX_load_verify_file(context, file) == 1) break;
        }
    }
    ERR_clear_error();
}

Result<void> trust_private(SSL_CTX *context, const std::string &pem) {
    const std::vector<Certificate> authorities = certificates_in(pem);
    if (authorities.empty()) {
        return unusable(
            "reading the mailbox's CA certificate",
            "The CA certificate is not in PEM form: it has to begin with -----BEGIN CERTIFICATE-----.");
    }
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    for (const Certificate &one : authorities)
        X509_STORE_add_cert(store, one.get());
    // What an administrator puts here is trusted as it is, also an intermediate authority without its root.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    return {};
}

Result<void> identify(SSL_CTX *context, const std::string &pem) {
    const std::string doing = "reading the mailbox's client certificate";
    const std::vector<Certificate> chain = certificates_in(pem);
    const Bio text = memory_of(pem);
    const PrivateKey key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (chain.empty()) return unusable(doing, "There is no certificate in PEM form in it.");
    if (!key) {
        return unusable(doing,
                        "There is no private key in PEM form in it, or the key is protected by a passphrase. "
                        "Paste the certificate together with its unprotected key.");
    }
    const bool fits = SSL_CTX_use_certificate(context, chain.front().get()) == 1 &&
                      SSL_CTX_use_PrivateKey(context, key.get()) == 1;
    for (std::size_t i = 1; i < chain.size(); ++i)
        SSL_CTX_add1_chain_cert(context, chain[i].get());
    ERR_clear_error();
    if (!fits) return unusable(doing, "The private key does not belong to the first certificate in it.");
    return {};
}

Result<Context::Ptr> make_context(const Trust &trust) {
    // Poco counts its users of OpenSSL, and the last one that goes calls CONF_modules_free, which would take
    // libcrypto's configuration away from the host too. So one user stays for the life of the process.
    static std::once_flag stays;
    std::call_once(stays, Poco::Crypto::OpenSSLInitializer::initialize);

    Context::Params params;
    params.verificationMode = Context::VERIFY_STRICT;
    params.cipherList = ciphers;
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, params));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);

    SSL_CTX *raw = context->sslContext();
    // Poco's callback would ask the process-wide SSLManager, whose handlers may accept anything.
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(raw, Verification::judge, nullptr);
    // A read returns after each record of any kind, so that a server which sends nothing but session tickets
    // or key updates can't hold a thread past its deadline.
    SSL_CTX_clear_mode(raw, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Mail servers often just close; their protocols frame their answers, so a cut one is noticed there.
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);

    if (trust.pinned_sha256.empty()) {
        trust_system(raw);
        if (!trust.ca_pem.empty()) {
            if (auto added = trust_private(raw, trust.ca_pem); !added) return added.error();
        }
    }
    if (!trust.client_certificate.empty()) {
        if (auto added = identify(raw, trust.client_certificate); !added) return added.error();
    }
    return context;
}

std::string key_of(const Trust &trust) {
    const bool pinned = !trust.pinned_sha256.empty();
    const std::string &authority = pinned ? std::string() : trust.ca_pem;
    const std::string text = (pinned ? "pinned " : "chain ") + std::to_string(authority.size()) + ' ' +
                             authority + trust.client_certificate;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return {reinterpret_cast<const char *>(digest.data()), size};
}

} // namespace

Result<Context::Ptr> TrustContexts::context_for(const Trust &trust) {
    if (!trust.pinned_sha256.empty() && normal_fingerprint(trust.pinned_sha256).empty()) {
        return unusable("reading the mailbox's certificate fingerprint",
                        "The fingerprint has to be the SHA-256 of the certificate: 64 hexadecimal digits.");
    }
    const std::string key = key_of(trust);
    const std::lock_guard lock(mutex_);
    if (const auto known = contexts_.find(key); known != contexts_.end()) return known->second;
    try {
        auto made = make_context(trust);
        if (!made) return made.error();
        make_room();
        contexts_.emplace(key, *made);
        return made;
    } catch (const Poco::Exception &failure) {
        ERR_clear_error();
        return unusable("setting up TLS: " + failure.displayText(), "");
    }
}

// Contexts in use live on with their connections; only their place here goes.
void TrustContexts::make_room() {
    if (contexts_.size() < most_kept_) return;
    std::erase_if(contexts_, [](const auto &entry) { return entry.second->referenceCount() == 1; });
    if (contexts_.size() >= most_kept_) contexts_.erase(contexts_.begin());
}

std::string normal_fingerprint(std::string_view pasted) {
    if (const auto equals = pasted.find('='); equals != std::string_view::npos)
        pasted.remove_prefix(equals + 1);
    std::string digits;
    for (const char c : pasted) {
        if (c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
        if ((lower < '0' || lower > '9') && (lower < 'a' || lower > 'f')) return {};
        digits += lower;
    }
    return digits.size() == 64 ? digits : std::string();
}

} // namespace roe::net
