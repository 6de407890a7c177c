// SPDX-License-Identifier: MIT
//
// The report of a guest's TPM: a quote.
//
// tsmfd_tpm's outblob is struct tsmfd_tpm_report, then three structures as the TPM marshalled
// them, big-endian: TPMS_ATTEST, TPMT_SIGNATURE, TPM2B_PUBLIC. TCG, "Trusted Platform Module 2.0
// Library", part 2 "Structures": TPMS_ATTEST in 10.12.12, TPMS_QUOTE_INFO in 10.12.4,
// TPMS_CLOCK_INFO in 10.11.1, TPML_PCR_SELECTION in 10.9.7.
//
//     Result<TpmReport> report = parse_tpm_report(evidence.outblob);
//     report->quote.extra_data       the inblob
//     report->signature              for the verifier, over report->attest
//
// Threads: functions of their arguments. Spans live as long as the bytes parsed.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

#include <linux/tsmfd_tpm.h>

namespace tsmfd {

static_assert(offsetof(tsmfd_tpm_report, version) == 8);
static_assert(offsetof(tsmfd_tpm_report, attest_len) == 12);
static_assert(offsetof(tsmfd_tpm_report, signature_len) == 16);
static_assert(offsetof(tsmfd_tpm_report, public_len) == 20);
static_assert(sizeof(tsmfd_tpm_report) == 24);

// TPMS_PCR_SELECTION
struct TpmPcrSelection {
    std::uint16_t hash = 0; // TPM_ALG_ID: 0x000b is SHA-256
    std::uint32_t pcrs = 0; // bit n: PCR n
};

// A TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE.
struct TpmQuote {
    static constexpr std::uint32_t magic = 0xff544347; // TPM_GENERATED_VALUE
    static constexpr std::uint16_t type = 0x8018;      // TPM_ST_ATTEST_QUOTE
    static constexpr std::size_t max_banks = 16;       // HASH_COUNT of any TPM there is

    ByteSpan qualified_signer; // TPM2B_NAME
    ByteSpan extra_data;       // TPM2B_DATA: the inblob
    std::uint64_t clock = 0;   // milliseconds
    std::uint32_t reset_count = 0;
    std::uint32_t restart_count = 0;
    bool safe = false;
    std::uint64_t firmware_version = 0;
    std::array<TpmPcrSelection, max_banks> banks{};
    std::size_t bank_count = 0;
    ByteSpan pcr_digest; // TPM2B_DIGEST
};

struct TpmReport {
    ByteSpan attest;      // what the signature is over, TPMS_ATTEST
    ByteSpan signature;   // TPMT_SIGNATURE
    ByteSpan public_key;  // TPM2B_PUBLIC
    TpmQuote quote;       // the attest, parsed
    std::size_t size = 0; // of all of it, with the head
};

// True if the bytes start with the magic of struct tsmfd_tpm_report.
[[nodiscard]] TSMFD_API bool is_tpm_report(ByteSpan bytes) noexcept;

// True if they start as a TPMS_ATTEST of a quote does: the message that tpm2_quote writes.
[[nodiscard]] TSMFD_API bool is_tpm_attest(ByteSpan bytes) noexcept;

// The bytes of the report at the start of a stream that goes on; 0 if the head is not whole or
// says more than there is.
[[nodiscard]] TSMFD_API std::size_t tpm_report_size(ByteSpan stream) noexcept;

// EBADMSG unless the bytes are one report and nothing else.
[[nodiscard]] TSMFD_API Result<TpmReport> parse_tpm_report(ByteSpan bytes) noexcept;

// EBADMSG unless the bytes are one TPMS_ATTEST of a quote and nothing else.
[[nodiscard]] TSMFD_API Result<TpmQuote> parse_tpm_quote(ByteSpan attest) noexcept;

} // namespace tsmfd
