// SPDX-License-Identifier: MIT
//
// Public keys that TPMs sign with, and whether one has. Not part of the library's interface.
//
//     const auto key = TpmPublicKey::of_file(pem_or_tpm2b);
//     key->has_signed(attest, *parse_tpm_signature(signature))
//
// Threads: immutable once made.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/result.hpp>

#include <optional>

namespace tsmfd {

class TpmPublicKey {
public:
    // EBADMSG for a point that is not on the curve, or no key.
    static Result<TpmPublicKey> of(const TpmKey& key);
    // Of RSA, big-endian. EBADMSG for numbers that make no key, EOPNOTSUPP for one of another size.
    static Result<TpmPublicKey> of_rsa(ByteSpan modulus, ByteSpan exponent);
    // A TPM2B_PUBLIC, or a public key in PEM. EBADMSG for a file of another kind, EOPNOTSUPP for a
    // key of one.
    static Result<TpmPublicKey> of_file(ByteSpan file);

    [[nodiscard]] bool is(const TpmPublicKey& other) const;
    [[nodiscard]] int bits() const { return EVP_PKEY_get_bits(key_.get()); }
    // EKEYREJECTED if it has not.
    [[nodiscard]] Result<void> has_signed(ByteSpan bytes, const TpmSignature& signature) const;
    // The same of a signature without a head: RSA's bytes, or ECDSA-Sig-Value (RFC 3279) in DER.
    // Of RSA both schemes are tried. The scheme by which it has.
    [[nodiscard]] Result<TpmScheme> has_signed_plain(ByteSpan bytes, ByteSpan signature,
                                                     TpmHash hash) const;

private:
    explicit TpmPublicKey(ossl::PkeyPtr key) : key_(std::move(key)) {}
    static Result<TpmPublicKey> checked(ossl::PkeyPtr key);
    [[nodiscard]] bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }
    [[nodiscard]] bool has_signed_rsa(ByteSpan bytes, TpmScheme scheme, TpmHash hash,
                                      ByteSpan signature) const;

    ossl::PkeyPtr key_;
};

// Of a file.
[[nodiscard]] bool is_pem(ByteSpan file);

} // namespace tsmfd
