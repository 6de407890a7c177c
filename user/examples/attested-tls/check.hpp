// SPDX-License-Identifier: MIT
//
// Is the server at the other end of this connection what the policy says?
//
//     const Trust trust{.policy = *Policy::read("policy.json")};
//     const Verification verification = check(session, trust);
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// The checks of Policy::verify(), with the connection's binding as the challenge, and before them:
//
//     evidence   there is some, and it can be read
//     format     it is one that was asked for
//     proof      of a batch: it leads from the binding to a root, which is then the challenge
//     emulated   the report is a test's, without a signature
//
// A report of tsmfd_emu has no signature, so that anyone can make it: it is refused unless
// `insecure_emulated` says otherwise, and then stands for "challenge", by what verdict.hpp sees.
//
// Threads: a function of its arguments.
#pragma once

#include "caller.hpp"

#include <tsmfd/evidence/policy.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <optional>
#include <string>

namespace attested {

struct Trust {
    std::optional<tsmfd::Policy> policy;
    bool insecure_emulated = false;
};

[[nodiscard]] tsmfd::Verification check(const Session& session, const Trust& trust);

// "signature: not this key's", of the first check that failed; empty if it holds.
[[nodiscard]] std::string first_failure(const tsmfd::Verification& verification);

} // namespace attested
