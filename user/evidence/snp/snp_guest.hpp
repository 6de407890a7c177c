// SPDX-License-Identifier: MIT
//
// What an SEV-SNP report says of its guest and its platform, held to a policy. Not part of the
// library's interface.
//
// Threads: a function of its arguments.
#pragma once

#include "snp/snp_policy.hpp"

#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/verification.hpp>

namespace tsmfd {

// "challenge", "debug", "migration", "measurement", "vmpl", and what else the policy asks for.
void check_snp_guest(Verification& to, const SnpReport& report, const SnpPolicy::Members& policy);

} // namespace tsmfd
