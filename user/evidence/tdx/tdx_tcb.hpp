// SPDX-License-Identifier: MIT
//
// A quote's platform against what Intel says of such platforms. Not part of the library's
// interface.
//
//     const HeldCollateral held = check_collateral(result, policy, *chain);
//     check_tcb(result, *quote, *chain, held, policy);
//
// Threads: functions of their arguments.
#pragma once

#include "tdx/tdx_collateral.hpp"
#include "tdx/tdx_policy.hpp"
#include "x509/chain.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/verification.hpp>

namespace tsmfd {

// What of the policy's collateral is signed, in force and about the platform; nullptr for what is
// not.
struct HeldCollateral {
    const TcbInfo* info = nullptr;
    const QeIdentity* identity = nullptr;
};

// "collateral": TCB info and QE identity are there, signed by a chain to the policy's roots, and in
// force at its time. "tcb info": it is of this platform. "revocation": of the platform's chain and
// of the collateral's. Nothing of all that if the policy has no collateral.
[[nodiscard]] HeldCollateral check_collateral(Verification& to, const TdxPolicy::Members& policy,
                                              const Chain& chain);

// "tcb platform", "tcb module", "tcb qe" and "tcb", as tdx_verify.hpp has them; and
// Verification::tcb.
void check_tcb(Verification& to, const TdxQuote& quote, const Chain& chain,
               const HeldCollateral& held, const TdxPolicy::Members& policy);

} // namespace tsmfd
