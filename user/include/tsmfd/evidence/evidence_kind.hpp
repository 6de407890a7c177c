// SPDX-License-Identifier: MIT
//
// What a report is of, as its first bytes say.
//
//     if (kind_of(evidence) == EvidenceKind::tdx)
//         verify_tdx(evidence, policy);
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/export.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace tsmfd {

// hcl is an Azure confidential VM's: NV index 0x01400001, or what tsmfd_hcl makes of it.
enum class EvidenceKind : std::uint8_t { snp, tdx, tpm, hcl };

// Nothing for what is none of them. It may still be malformed.
[[nodiscard]] TSMFD_API std::optional<EvidenceKind> kind_of(const Evidence& evidence) noexcept;

// "snp", "tdx", "tpm" or "hcl"
[[nodiscard]] TSMFD_API std::string_view kind_name(EvidenceKind kind) noexcept;

} // namespace tsmfd
