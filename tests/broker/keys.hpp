// SPDX-License-Identifier: MIT
//
// Keys in PEM, made for a test.
//
//     const keys::Ed25519 broker;
//     SigningKey::from_pem(broker.private_pem());
#pragma once

#include "secret.hpp"
#include "x509/openssl.hpp"

#include <openssl/pem.h>

namespace keys {

inline keybroker::Bytes contents(BIO* from) {
    char* characters = nullptr;
    const long size = BIO_get_mem_data(from, &characters);
    return {characters, characters + size};
}

inline keybroker::Bytes private_pem(EVP_PKEY* key) {
    const tsmfd::ossl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return contents(out.get());
}

inline keybroker::Bytes public_pem(EVP_PKEY* key) {
    const tsmfd::ossl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(out.get(), key);
    return contents(out.get());
}

class Ed25519 {
public:
    [[nodiscard]] keybroker::Bytes private_pem() const { return keys::private_pem(key_.get()); }
    [[nodiscard]] keybroker::Bytes public_pem() const { return keys::public_pem(key_.get()); }

private:
    tsmfd::ossl::PkeyPtr key_{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
};

} // namespace keys
