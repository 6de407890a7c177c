// SPDX-License-Identifier: MIT
//
// A TPM's quote as tpm2_quote writes it, and what all verifiers of quotes say. Not part of the
// library's interface, but for verify_tpm().
//
// Threads: functions of their arguments.
#pragma once

#include "tpm/tpm_policy.hpp"
#include "tpm/tpm_signature.hpp"

#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <optional>
#include <string>

namespace tsmfd {

// The outblob is the message (TPMS_ATTEST), the auxblob its signature, marshalled (TPMT_SIGNATURE)
// or plain; the key is one of the policy's.
[[nodiscard]] Verification verify_quote_files(const Evidence& evidence,
                                              const TpmPolicy::Members& policy);

struct SignedQuote {
    std::string how; // "RSASSA, sha256"
    TpmScheme scheme = TpmScheme::rsassa;
    TpmHash hash = TpmHash::sha256; // which the quote's digest of PCRs is by, too
};

// "RSASSA, sha256"
[[nodiscard]] std::string how_text(TpmScheme scheme, TpmHash hash);

// By the key, over the quote's bytes: a signature that is marshalled or plain. EKEYREJECTED if not.
[[nodiscard]] Result<SignedQuote> quote_signed_by(const TpmPublicKey& key, ByteSpan attest,
                                                  ByteSpan signature, const TpmQuote& quote);

// "clock", which shows what the TPM says of its time.
void note_clock(Verification& to, const TpmQuote& quote);

// The subject of a certificate in DER with anything behind it, as RFC 2253 writes it.
[[nodiscard]] std::string subject_of(ByteSpan der);

// "challenge" and "clock".
void check_tpm_answer(Verification& to, const TpmQuote& quote, std::optional<ByteSpan> challenge);

} // namespace tsmfd
