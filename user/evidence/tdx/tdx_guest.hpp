// SPDX-License-Identifier: MIT
//
// What a quote says of the guest, against a policy. Not part of the library's interface.
//
// Threads: functions of their arguments.
#pragma once

#include "tdx/tdx_policy.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/verification.hpp>

namespace tsmfd {

// "td attributes", "challenge", "debug", "migration", the measurements, "minimum tcb" and
// "trailing", as tdx_verify.hpp has them.
void check_guest(Verification& to, const TdxQuote& quote, const TdxPolicy::Members& policy);

} // namespace tsmfd
