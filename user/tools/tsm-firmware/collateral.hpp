// SPDX-License-Identifier: MIT
//
// What Intel's provisioning service would say of an emulated platform: which versions are up to
// date, and whose its quoting enclave is.
//
// "Intel Provisioning Certification Service" API, version 4: TCB info of TDX and QE identity.
//
//     const std::string info = tcb_info({.platform = platform, .issued = now, .next = later});
//     signed_document("tcbInfo", info, key)      // {"tcbInfo":{...},"signature":"..."}
//
// Threads: functions of their arguments.
#pragma once

#include "pck.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace firmware {

// The emulated platform's quoting enclave. Nobody takes it for Intel's: MRSIGNER says so.
inline constexpr std::string_view qe_signer = "tsm-firmware signer of enclaves";
inline constexpr std::uint16_t qe_product = 2;
inline constexpr std::uint16_t qe_version = 4; // ISVSVN

struct TcbInfoFacts {
    PckPlatform platform{};
    std::int64_t issued = 0; // seconds since 1970
    std::int64_t next = 0;
    std::string_view status = "UpToDate"; // of a platform with these versions or later
    // Members of the level and of the module's behind its status: ,"advisoryIDs":["..."]
    std::string_view advisories{};
    std::string_view module_status = "UpToDate"; // of a TDX module 1.x, from version 1 on
};

// The value of "tcbInfo".
[[nodiscard]] std::string tcb_info(const TcbInfoFacts& facts);

struct QeIdentityFacts {
    std::int64_t issued = 0;
    std::int64_t next = 0;
    std::string_view status = "UpToDate"; // of the emulated enclave's version
};

// The value of "enclaveIdentity".
[[nodiscard]] std::string qe_identity(const QeIdentityFacts& facts);

// R and S of the text in hexadecimal; empty if memory is short.
[[nodiscard]] std::string signature_of(std::string_view text, EVP_PKEY* key);
// {"NAME":TEXT,"signature":"..."}
[[nodiscard]] std::string signed_document(std::string_view name, std::string_view text,
                                          EVP_PKEY* key);

// One document with all of it, each part as it is there: as Phala's dcap-qvl keeps it.
struct Collateral {
    std::string tcb_info;
    std::string tcb_info_signature;
    std::string qe_identity;
    std::string qe_identity_signature;
    std::string signing_chain; // PEM
    std::string pck_ca_chain;  // PEM
    Bytes root_crl;            // DER
    Bytes pck_crl;             // DER
};
[[nodiscard]] std::string document_of(const Collateral& collateral);

} // namespace firmware
