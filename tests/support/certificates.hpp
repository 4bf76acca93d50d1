// Certificates made on the spot, for servers that tests talk to.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace roe::test {

// A certificate and its key.
class Identity {
  public:
    struct Wish {
        std::string name = "localhost";          // the subject's common name
        std::vector<std::string> hosts = {name}; // DNS:… of the subjectAltName
        std::vector<std::string> addresses = {}; // IP:…
        const Identity *issuer = nullptr;        // none: self-signed
        bool authority = false;
        std::chrono::hours valid_from{-24}; // from now
        std::chrono::hours valid_to{24};
    };

    explicit Identity(const Wish &wish);

    [[nodiscard]] X509 *certificate() const { return certificate_.get(); }
    [[nodiscard]] EVP_PKEY *key() const { return key_.get(); }
    [[nodiscard]] std::string certificate_pem() const;
    [[nodiscard]] std::string key_pem() const;
    [[nodiscard]] std::string sha256() const; // lower-case hex

  private:
    std::shared_ptr<X509> certificate_;
    std::shared_ptr<EVP_PKEY> key_;
};

} // namespace roe::test
