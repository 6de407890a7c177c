// SPDX-License-Identifier: MIT
//
// What a policy's file says of SEV-SNP, but for the files that it names. Not part of the library's
// interface.
//
// Threads: a function of its arguments.
#pragma once

#include "policy/policy_section.hpp"
#include "snp/snp_policy.hpp"

namespace tsmfd {

// From the section "snp", whose errors go to `wrong`.
void read_snp_rules(Section& from, SnpPolicy::Members& rules, std::optional<Error>& wrong);

} // namespace tsmfd
