// SPDX-License-Identifier: MIT
//
// ECDSA as reports have it: two numbers, and not DER.
//
//     std::array<std::uint8_t, 64> r_and_s;
//     if (!sign_ecdsa(bytes, key, EVP_sha256(), r_and_s, std::endian::big))
//         ...                                     // memory is short
//
// Threads: functions of their arguments.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include <openssl/evp.h>

namespace firmware {

// R in the first half of `numbers` and S in the second, padded with zeros. False if it cannot be
// done.
[[nodiscard]] bool sign_ecdsa(std::span<const std::uint8_t> bytes, EVP_PKEY* key,
                              const EVP_MD* digest, std::span<std::uint8_t> numbers,
                              std::endian order);

} // namespace firmware
