// SPDX-License-Identifier: MIT
//
// A TPM's keys of RSA and what they sign, made by OpenSSL and marshalled by
// hand.
//
//     const ossl::PkeyPtr ak(EVP_RSA_gen(2048));
//     tpm_signer::marshalled(rsassa, signed_by(ak.get(), attest,
//     RSA_PKCS1_PADDING))
#pragma once

#include "evidence.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/evidence/tpm_key.hpp>

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace tpm_signer {

using evidence::Bytes;

inline constexpr std::uint16_t rsassa = 0x0014;
inline constexpr std::uint16_t rsapss = 0x0016;
inline constexpr std::uint16_t no_scheme = 0x0010;
// Of a key that signs only what its TPM made.
inline constexpr std::uint32_t attests = tsmfd::TpmKey::fixed_tpm |
                                         tsmfd::TpmKey::sensitive_data_origin |
                                         tsmfd::TpmKey::restricted | tsmfd::TpmKey::sign;

inline Bytes pem_of(EVP_PKEY* key) {
    const tsmfd::ossl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(out.get(), key);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, text + size};
}

inline Bytes signed_by(EVP_PKEY* key, const Bytes& bytes, int padding = 0) {
    const tsmfd::ossl::DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestSignInit(context.get(), &parameters, EVP_sha256(), nullptr, key);
    if (padding != 0)
        EVP_PKEY_CTX_set_rsa_padding(parameters, padding);
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size());
    Bytes signature(size);
    EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size());
    signature.resize(size);
    return signature;
}

// Big-endian.
inline Bytes modulus_of(EVP_PKEY* key) {
    BIGNUM* made = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &made);
    const tsmfd::ossl::BignumPtr modulus(made);
    Bytes number(static_cast<std::size_t>(BN_num_bytes(made)));
    BN_bn2bin(made, number.data());
    return number;
}

// TPM2B_PUBLIC of RSA; scheme 0x0010 is none.
inline Bytes rsa_public(EVP_PKEY* key, std::uint16_t scheme, std::uint32_t attributes = attests) {
    const Bytes number = modulus_of(key);
    Bytes area;
    evidence::append_be(area, 0x0001, 2); // TPM_ALG_RSA
    evidence::append_be(area, 0x000b, 2);
    evidence::append_be(area, attributes, 4);
    evidence::append_be(area, 0, 2); // authPolicy
    evidence::append_be(area, 0x0010, 2);
    evidence::append_be(area, scheme, 2);
    if (scheme != no_scheme)
        evidence::append_be(area, 0x000b, 2);
    evidence::append_be(area, 8 * number.size(), 2);
    evidence::append_be(area, 0, 4); // 65537
    evidence::append_be(area, number.size(), 2);
    evidence::append(area, number);
    Bytes whole;
    evidence::append_be(whole, area.size(), 2);
    evidence::append(whole, area);
    return whole;
}

// TPMT_SIGNATURE of RSA
inline Bytes marshalled(std::uint16_t scheme, const Bytes& signature) {
    Bytes bytes;
    evidence::append_be(bytes, scheme, 2);
    evidence::append_be(bytes, 0x000b, 2);
    evidence::append_be(bytes, signature.size(), 2);
    evidence::append(bytes, signature);
    return bytes;
}

} // namespace tpm_signer
