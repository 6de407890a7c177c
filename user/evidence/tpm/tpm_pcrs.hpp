// SPDX-License-Identifier: MIT
//
// The part of verifying a TPM's report that is about PCRs. Not part of the library's interface.
//
//     check_pcrs(verification, report.quote, TpmHash::sha256, {.log = log, .expected = pcrs});
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>

namespace tsmfd {

struct PcrQuestion {
    ByteSpan log; // empty: none
    bool log_wanted = false;
    std::span<const ExpectedPcr> expected;
    std::span<const ExpectedEvent> events{};
};

// Adds "event log", "pcr H:N" and "event H:N". `hash`: what the quote's digest of PCRs is by.
void check_pcrs(Verification& to, const TpmQuote& quote, TpmHash hash,
                const PcrQuestion& question) noexcept;

} // namespace tsmfd
