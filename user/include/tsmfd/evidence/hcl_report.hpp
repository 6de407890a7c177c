// SPDX-License-Identifier: MIT
//
// An HCL report: what the paravisor of an Azure confidential VM says of the VM's virtual TPM.
//
// NV index 0x01400001 of that TPM holds it, with padding behind it: a header, the report of the
// processor (SEV-SNP's, or a TDREPORT), and JSON ("claims") which that report's REPORT_DATA is the
// hash of. Microsoft's OpenHCL, openhcl_attestation_protocol, IgvmAttestRequestBase; little-endian.
// tsmfd_hcl's outblob has a quote of the TPM behind it (<linux/tsmfd_hcl.h>; TPMS_ATTEST,
// TPMT_SIGNATURE and TPM2B_PUBLIC are big-endian: TCG, "Trusted Platform Module 2.0 Library", part
// 2 "Structures").
//
//     Result<HclReport> report = parse_hcl_report(evidence.outblob);    // either of them
//     Result<HclClaims> claims = parse_hcl_claims(report->claims);      // hcl_claims.hpp
//
// Parsing says that the bytes have the shape of a report; hcl_verify.hpp is about the rest.
//
// Threads: functions of their arguments. Spans live as long as the bytes parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <linux/tsmfd_hcl.h>

namespace tsmfd {

static_assert(offsetof(tsmfd_hcl_report, version) == 8);
static_assert(offsetof(tsmfd_hcl_report, hcl_len) == 12);
static_assert(offsetof(tsmfd_hcl_report, public_len) == 24);
static_assert(sizeof(tsmfd_hcl_report) == 32);
static_assert(offsetof(tsmfd_hcl_aux, ak_cert_len) == 12);
static_assert(offsetof(tsmfd_hcl_aux, event_log_len) == 16);
static_assert(sizeof(tsmfd_hcl_aux) == 24);

// What the index starts with. Only `hardware` is signed by anybody.
struct HclIndexWire {
    template <std::size_t N>
    using Bytes = std::array<std::uint8_t, N>;

    Bytes<4> magic;        // 0x000 "HCLA"
    Bytes<4> version;      // 0x004 1 or 2
    Bytes<4> report_size;  // 0x008 all but the padding
    Bytes<4> request_type; // 0x00c 2: an AK's certificate
    Bytes<4> status;       // 0x010
    Bytes<12> reserved;    // 0x014
    Bytes<1184> hardware;  // 0x020 a TDREPORT has 1024 bytes
    Bytes<4> data_size;    // 0x4c0 from here to the end of the claims
    Bytes<4> data_version; // 0x4c4 1 to 3
    Bytes<4> report_type;  // 0x4c8 2: SEV-SNP, 4: TDX
    Bytes<4> hash_type;    // 0x4cc 1: SHA-256, 2: SHA-384, 3: SHA-512
    Bytes<4> claims_size;  // 0x4d0
    // 0x4d4: since data version 2 capabilities of the paravisor, 4 bytes; then the claims
};
static_assert(offsetof(HclIndexWire, hardware) == 0x020);
static_assert(offsetof(HclIndexWire, data_size) == 0x4c0);
static_assert(sizeof(HclIndexWire) == 0x4d4);

enum class HclHardware : std::uint8_t { snp, tdx };

// "SEV-SNP" or "TDX"
[[nodiscard]] TSMFD_API const char* hcl_hardware_name(HclHardware hardware) noexcept;

struct TSMFD_API HclReport {
    std::uint32_t version = 0; // the header's
    HclHardware hardware_kind = HclHardware::snp;
    ByteSpan hardware;              // 1184 bytes for parse_snp_report(), 1024 for parse_td_report()
    ByteSpan hardware_rest;         // what is behind a TDREPORT
    ByteSpan report_data;           // 64 bytes of the hardware's report
    TpmHash hash = TpmHash::sha256; // or sha384, sha512: what the claims are hashed by
    ByteSpan claims;                // JSON, as it was hashed
    ByteSpan padding;               // what is behind it in the index

    // Of tsmfd_hcl's outblob; what the index alone does not have.
    std::optional<TpmQuote> quote{};
    ByteSpan attest;     // the quote's bytes, which the signature is over: TPMS_ATTEST
    ByteSpan signature;  // TPMT_SIGNATURE
    ByteSpan public_key; // TPM2B_PUBLIC, which nobody has signed

    // The hash of the claims; empty where the OpenSSL at hand lacks it.
    [[nodiscard]] std::optional<TpmDigest> claims_digest() const noexcept;
    // The hardware's REPORT_DATA is that hash, with zeros behind it.
    [[nodiscard]] bool is_about_its_claims() const noexcept;
};

// tsmfd_hcl's auxblob. Nothing in it is signed with the report.
struct HclAux {
    ByteSpan ak_certificate; // X.509 in DER, perhaps with padding; empty if there is none
    ByteSpan event_log;      // for EventLog::parse(); empty if there is none
};

// True if the bytes start as the NV index does, or as tsmfd_hcl's outblob.
[[nodiscard]] TSMFD_API bool is_hcl_index(ByteSpan bytes) noexcept;
[[nodiscard]] TSMFD_API bool is_hcl_outblob(ByteSpan bytes) noexcept;

// Bytes of the outblob that a stream starts with; 0 if it is not whole.
[[nodiscard]] TSMFD_API std::size_t hcl_outblob_size(ByteSpan stream) noexcept;

// Of an index or an outblob, and nothing else. EBADMSG for what is neither; EOPNOTSUPP for an
// index of another version, hash or kind of hardware.
[[nodiscard]] TSMFD_API Result<HclReport> parse_hcl_report(ByteSpan bytes) noexcept;

// EBADMSG unless the bytes are one auxblob and nothing else.
[[nodiscard]] TSMFD_API Result<HclAux> parse_hcl_aux(ByteSpan auxblob) noexcept;

} // namespace tsmfd
