// SPDX-License-Identifier: MIT
//
// ECDSA signatures as evidence has them: two numbers, and not DER. Not part of the library's
// interface.
//
// Threads: functions of their arguments.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>

namespace tsmfd::ossl {

// Big-endian, of any length: zeros in front do not matter.
struct EcdsaSignature {
    ByteSpan r;
    ByteSpan s;
};

// A public key of P-256 from the coordinates of its point, big-endian and of 32 bytes at most;
// nullptr for a point that is not on the curve.
[[nodiscard]] PkeyPtr p256_key(ByteSpan x, ByteSpan y);

[[nodiscard]] bool is_p256(EVP_PKEY* key);

// `digest` is a name that OpenSSL knows: "SHA2-256". False, too, for a key that is none of an
// elliptic curve's.
[[nodiscard]] bool has_signed(EVP_PKEY* key, const char* digest, const EcdsaSignature& signature,
                              ByteSpan bytes);

// The same of a signature in DER, ECDSA-Sig-Value of RFC 3279.
[[nodiscard]] bool has_signed_der(EVP_PKEY* key, const char* digest, ByteSpan signature,
                                  ByteSpan bytes);

} // namespace tsmfd::ossl
