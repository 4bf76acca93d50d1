// The judgement of one server's certificate: its chain and its name, or its pin.
//
// Poco checks the name only after the handshake, by code of its own, and skips it for loopback addresses; here
// OpenSSL checks chain and name together while the handshake runs, so that a refused server gets its alert
// and never a byte of ours.
#pragma once

#include <string>

#include <openssl/x509_vfy.h>

#include "base/result.hpp"
#include "net/stream.hpp"

namespace roe::net {

// Lives in the thread that runs the handshake, for as long as it runs; one at a time.
class Verification {
  public:
    Verification(std::string host, const Trust &trust);
    ~Verification();
    Verification(const Verification &) = delete;
    Verification &operator=(const Verification &) = delete;

    // OpenSSL's callback (SSL_CTX_set_cert_verify_callback). Without a Verification in this thread nobody is
    // trusted.
    static int judge(X509_STORE_CTX *store, void *) noexcept;

    [[nodiscard]] bool accepted() const { return verdict_ == Verdict::accepted; }
    [[nodiscard]] bool refused() const { return verdict_ == Verdict::refused; }

    // Protocol and cipher are left empty. Valid once accepted or refused.
    [[nodiscard]] const TlsFacts &facts() const { return facts_; }

    // Why the certificate was refused, in words that tell what to do.
    [[nodiscard]] Error refusal(const std::string &doing) const;

  private:
    enum class Verdict { none, accepted, refused };

    bool examine(X509_STORE_CTX *store);

    const std::string host_;
    const std::string pin_;
    const bool own_authority_;
    Verdict verdict_ = Verdict::none;
    int reason_ = X509_V_OK;
    TlsFacts facts_;
    std::string names_; // that the certificate is for
};

} // namespace roe::net
