// SHA-256 of what comes in pieces. [one thread]
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace roe {

class Sha256 {
  public:
    Sha256();
    void add(std::string_view bytes);
    [[nodiscard]] std::string hex(); // once, at the end

  private:
    struct Free {
        void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> context_;
};

} // namespace roe
