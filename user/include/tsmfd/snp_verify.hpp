// SPDX-License-Identifier: MIT
//
// Is this SEV-SNP report to be believed?
//
//     SnpPolicy policy{.roots = ark_pem, .certificates = vcek_and_ask, .challenge = nonce};
//     const Verification verification = verify_snp(evidence, policy);
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// AMD 56860, "SEV Secure Nested Paging Firmware ABI Specification" (the report), AMD 57230,
// "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification", section 3
// (the certificates and their extensions).
//
// What is looked at, by the names of the checks:
//
//     report       the blob is whole
//     signer       it names its key's kind, and there is a certificate of that kind
//     chain        that certificate leads to one of the policy's roots, at the policy's time
//     product      certificate, its issuer and report are of one product line
//     chip         the certificate is of the report's chip (VCEK only)
//     tcb          the certificate is of the TCB that the report gives
//     signature    the certificate's key has signed the report
//     challenge    REPORT_DATA is the policy's challenge, with zeros behind it
//     debug        the guest cannot be read by its host, unless the policy lets it
//     minimum tcb  the report's TCB is the policy's at least, in every part
//     measurement  is one of the policy's; without any there, it is shown
//     vmpl         is the policy's, and at most its maximum; without these, it is shown
//
// No root is built in, and one that comes with the report is never trusted: a policy without
// roots fails. Nothing is fetched from anywhere, revocation lists neither.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/snp_report.hpp>
#include <tsmfd/verdict.hpp>
#include <tsmfd/verification.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsmfd {

struct SnpPolicy {
    ByteSpan roots;                 // PEM or DER: the ARKs that are trusted
    ByteSpan certificates;          // PEM or DER: VCEK or VLEK, ASK; beside those of the auxblob
    std::optional<std::int64_t> at; // seconds since 1970; unset: now
    std::optional<ByteSpan> challenge;
    std::optional<SnpTcb> minimum_tcb;
    std::vector<ByteSpan> measurements; // 48 bytes each; none: any
    std::optional<std::uint32_t> vmpl;
    std::optional<std::uint32_t> vmpl_max;
    bool debug_allowed = false;
};

[[nodiscard]] TSMFD_API Verification verify_snp(const Evidence& evidence,
                                                const SnpPolicy& policy) noexcept;

} // namespace tsmfd
