// SPDX-License-Identifier: MIT
//
// The two halves of verifying an HCL report: what the hardware says, and what the virtual TPM says.
// Not part of the library's interface.
//
// Threads: functions of their arguments.
#pragma once

#include "hcl/hcl_policy.hpp"

#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/verification.hpp>

namespace tsmfd {

// All of verify_snp() or verify_tdx(), "claims", "td quote", "unsigned rest".
void check_hcl_hardware(Verification& to, const HclReport& report,
                        const HclPolicy::Members& policy);

// "ak", "quote", "challenge", and what verify_tpm() says of PCRs. `event_log`: the auxblob's.
void check_hcl_quote(Verification& to, const HclReport& report, const HclClaims& claims,
                     ByteSpan event_log, const HclPolicy::Members& policy);

} // namespace tsmfd
