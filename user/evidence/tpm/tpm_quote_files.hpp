// SPDX-License-Identifier: MIT
//
// A TPM's quote as tpm2_quote writes it. Not part of the library's interface, but for verify_tpm().
//
// Threads: functions of their arguments.
#pragma once

#include "tpm/tpm_policy.hpp"

#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <optional>

namespace tsmfd {

// The outblob is the message (TPMS_ATTEST), the auxblob its signature, marshalled (TPMT_SIGNATURE)
// or plain; the key is one of the policy's.
[[nodiscard]] Verification verify_quote_files(const Evidence& evidence,
                                              const TpmPolicy::Members& policy);

// "challenge" and "clock".
void check_tpm_answer(Verification& to, const TpmQuote& quote, std::optional<ByteSpan> challenge);

} // namespace tsmfd
