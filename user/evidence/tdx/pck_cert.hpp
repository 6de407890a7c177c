// SPDX-License-Identifier: MIT
//
// What a PCK certificate says of its platform. Not part of the library's interface.
//
// "Intel SGX PCK Certificate and Certificate Revocation List Profile Specification", section 1.3.5:
// the extension 1.2.840.113741.1.13.1, in DER, a SEQUENCE of members that are a SEQUENCE of an OID
// below it and a value.
//
//     const Result<PckCert> pck = parse_pck_cert(leaf);
//     pck->fmspc, pck->components[7]
//
// Threads: functions of their arguments.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>

namespace tsmfd {

struct PckCert {
    std::array<std::uint8_t, 16> ppid{};       // .1
    std::array<std::uint8_t, 16> components{}; // .2.1 to .2.16: security versions of SGX's TCB
    std::uint16_t pce_svn = 0;                 // .2.17
    std::array<std::uint8_t, 16> cpu_svn{};    // .2.18: as the processor has it
    std::array<std::uint8_t, 2> pce_id{};      // .3
    std::array<std::uint8_t, 6> fmspc{};       // .4: family, model, stepping, platform, custom SKU
};

// EBADMSG for a certificate without the extension, or one of another shape.
[[nodiscard]] Result<PckCert> parse_pck_cert(const X509* certificate);

} // namespace tsmfd
