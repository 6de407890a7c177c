// SPDX-License-Identifier: MIT
//
// Certificates of emulated platforms. All say in their subjects that they are emulated.
//
//     const auto root = certify("ARK-Milan", key.get(), {.key = key.get()}, years(25), add_ca);
//     const auto leaf = certify("SEV-VCEK", its_key.get(),
//                               {.key = key.get(), .certificate = root.get()}, years(7),
//                               [](X509* to) { return add_extension(to, oid, der); });
//
// Threads: functions of their arguments.
#pragma once

#include "x509/openssl.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace firmware {

// What signs a certificate: a key, and its own certificate, which is nullptr for a root. An RSA key
// signs with PSS and SHA-384, as AMD's do; another with SHA-256, as Intel's do.
struct Issuer {
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
};

[[nodiscard]] constexpr long years(long count) {
    return count * 365 * 24 * 3600;
}

// nullptr if OpenSSL has no memory for it. `seconds`: how long it is valid, from yesterday.
// `extend` adds what is particular.
[[nodiscard]] tsmfd::ossl::X509Ptr certify(const std::string& common_name, EVP_PKEY* key,
                                           const Issuer& issuer, long seconds,
                                           const std::function<bool(X509*)>& extend);

// The issuer's list of the certificates that it has revoked, in DER, of now and for so many
// seconds. Empty if OpenSSL has no memory for it.
[[nodiscard]] std::vector<std::uint8_t> revocation_list(const Issuer& issuer, long seconds,
                                                        std::span<X509* const> revoked = {});

// That it may sign certificates.
[[nodiscard]] bool add_ca(X509* certificate);
// By its OID in dotted digits.
[[nodiscard]] bool add_extension(X509* certificate, const std::string& oid,
                                 std::span<const std::uint8_t> value);

} // namespace firmware
