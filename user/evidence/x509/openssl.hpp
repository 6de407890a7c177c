// SPDX-License-Identifier: MIT
//
// OpenSSL's objects, each freed with its owner. Not part of the library's interface.
//
//     const ossl::PkeyPtr key(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr));
//
// Threads: one at a time each.
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

namespace tsmfd::ossl {

template <auto free>
struct Free {
    void operator()(auto* object) const { free(object); }
};

using BignumPtr = std::unique_ptr<BIGNUM, Free<&BN_free>>;
using BioPtr = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Free<&EVP_MD_CTX_free>>;
using DigestPtr = std::unique_ptr<EVP_MD, Free<&EVP_MD_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Free<&OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Free<&OSSL_PARAM_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Free<&EVP_PKEY_CTX_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, Free<&ECDSA_SIG_free>>;
using X509Ptr = std::unique_ptr<X509, Free<&X509_free>>;

// For PEM that says it is encrypted: without a callback OpenSSL would ask who sits at the terminal.
inline int no_password(char* /*to*/, int /*size*/, int /*writing*/, void* /*user*/) {
    return -1;
}

// What fails while this lives leaves nothing in the thread's queue of errors, which is the
// program's and not this library's.
class ErrorsForgotten {
public:
    ErrorsForgotten() { ERR_set_mark(); }
    ~ErrorsForgotten() { ERR_pop_to_mark(); }
    ErrorsForgotten(const ErrorsForgotten&) = delete;
    ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
};

} // namespace tsmfd::ossl
