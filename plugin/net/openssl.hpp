// Owners for what OpenSSL hands out. For the sources of net/ only.
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace roe::net {

template <auto Free>
struct OpensslFree {
    template <class T>
    void operator()(T *object) const {
        Free(object);
    }
};

using Certificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;

} // namespace roe::net
