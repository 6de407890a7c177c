// SPDX-License-Identifier: MIT
//
// The certificates and keys of an emulated TDX platform: a root, what it has certified for
// platforms (PCK CA), the platform's certification key (PCK) and the key that its quoting enclave
// signs quotes with, all of P-256, with the names and extensions that Intel's have. They are not
// Intel's, and say so in their subjects.
//
// "Intel SGX PCK Certificate and Certificate Revocation List Profile Specification", section 1.3.5:
// the SGX extensions of a PCK certificate, below 1.2.840.113741.1.13.1.
//
//     const auto pck = PckAuthority::in("/var/lib/tsm-firmware/tdx", {.fmspc = {0x50, 0x80}});
//
// Threads: immutable once made.
#pragma once

#include "state.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <string>

namespace firmware {

// What a PCK certificate is for.
struct PckPlatform {
    std::array<std::uint8_t, 16> ppid{};
    std::array<std::uint8_t, 16> cpu_svn{}; // a component a byte
    std::uint16_t pce_svn = 0;
    std::array<std::uint8_t, 2> pce_id{};
    std::array<std::uint8_t, 6> fmspc{};
};

class PckAuthority {
public:
    // From the files of a directory, which is made, and filled, if need be: root, pck_ca, pck and
    // tcb_signing, each .pem and .key; attestation.key; for verifiers qe_identity.json, which says
    // whose its quoting enclave is, and collateral.json, which says that all of it is up to date.
    static tsmfd::Result<PckAuthority> in(const std::string& directory,
                                          const PckPlatform& platform);

    [[nodiscard]] EVP_PKEY* pck_key() const { return pck_key_.get(); }
    [[nodiscard]] EVP_PKEY* attestation_key() const { return attestation_key_.get(); }
    // PEM: PCK, its CA, the root.
    [[nodiscard]] const Bytes& chain() const { return chain_; }

private:
    tsmfd::ossl::PkeyPtr pck_key_;
    tsmfd::ossl::PkeyPtr attestation_key_;
    Bytes chain_;
};

} // namespace firmware
