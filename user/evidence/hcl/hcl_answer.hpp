// SPDX-License-Identifier: MIT
//
// What a report of tsmfd_hcl answers: where its parts are, and which challenge its HCL report and
// its quote are about. Nothing is verified.
//
// <linux/tsmfd_hcl.h> says how it is laid out: struct tsmfd_hcl_report, little-endian; then what NV
// index 0x01400001 held (Microsoft's OpenHCL, openhcl_attestation_protocol); then TPMS_ATTEST,
// TPMT_SIGNATURE and TPM2B_PUBLIC, big-endian (TPM 2.0 library specification, part 2).
//
// Nothing here allocates. Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>

#include <array>
#include <cstdint>
#include <optional>

namespace tsmfd {

struct HclAnswer {
    std::array<std::uint8_t, 64> user_data{}; // of the HCL report's claims
    // The hardware's report is about the claims, and the quote about the user data.
    bool belongs_together = false;
};

// True if the bytes start with the magic of struct tsmfd_hcl_report.
[[nodiscard]] bool is_hcl_outblob(ByteSpan bytes) noexcept;

// Bytes of the outblob that a stream starts with; 0 if it is not whole.
[[nodiscard]] std::size_t hcl_outblob_size(ByteSpan stream) noexcept;

// Nothing for one that is malformed, or whose hardware's report holds another hash than SHA-256.
[[nodiscard]] std::optional<HclAnswer> hcl_answer(ByteSpan outblob) noexcept;

} // namespace tsmfd
