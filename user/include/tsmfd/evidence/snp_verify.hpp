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
//     report         the blob is whole
//     unsigned rest  fails if what is behind the signature is not zero: nobody has signed it
//     signer         it names its key's kind, and there is a certificate of that kind
//     chain          that certificate leads to one of the policy's roots, at the policy's time
//     revocation     no certificate of the chain is on a list of who issued it, and the policy's
//                    lists are that issuer's and in force; shows their age
//     product        certificate, its issuer and report are of one product line
//     chip           the certificate is of the report's chip (VCEK only); a host may have masked
//                    it, which is shown
//     tcb            the certificate is of the TCB that the report gives
//     signature      the certificate's key has signed the report
//     challenge      REPORT_DATA is the policy's challenge, with zeros behind it
//     debug          the guest cannot be read by its host, unless the policy lets it
//     migration      no agent can move the guest (MIGRATE_MA), unless the policy lets it
//     minimum tcb    the report's TCB is the policy's at least, in every part
//     measurement    is one of the policy's; without any there, it is shown
//     vmpl           is the policy's, and at most its maximum; without these, it is shown
//     host data, id key, author key, chip id, platform, csp
//                    are what the policy says, if it says anything of them
//     auxblob        never fails: shows bytes behind the report that are no certificate table
//
// Certificates and revocation lists come from the policy and from the certificate table behind the
// report: an entry is one certificate or list of at most 16 KiB, and a table of at most 64 KiB. Of
// several VCEKs the one is taken that fits the report's chip and TCB.
//
// No root is built in, and one that comes with the report is never trusted: a policy without
// roots fails. Nothing is fetched from anywhere.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

// The least TCB of a product line: "Milan", "Genoa" or "Turin".
struct SnpProductTcb {
    std::string product;
    SnpTcb tcb;
};

// Of PLATFORM_INFO: the bits that count, and what they are to be.
struct SnpPlatformInfo {
    std::uint64_t bits = 0;
    std::uint64_t values = 0;
};

struct SnpPolicy {
    ByteSpan roots;                 // PEM or DER: the ARKs that are trusted
    ByteSpan certificates;          // PEM or DER: VCEK or VLEK, ASK; beside those of the auxblob
    ByteSpan crls;                  // PEM or DER: revocation lists, beside those of the auxblob
    bool crl_required = false;      // the ARK has to have a list that is in force
    std::optional<std::int64_t> at; // seconds since 1970; unset: now
    std::optional<ByteSpan> challenge;
    std::optional<SnpTcb> minimum_tcb;       // of any product
    std::vector<SnpProductTcb> minimum_tcbs; // if there are any: of the report's product
    std::vector<ByteSpan> measurements;      // 48 bytes each; none: any
    std::optional<std::uint32_t> vmpl;
    std::optional<std::uint32_t> vmpl_max;
    bool debug_allowed = false;
    bool migration_allowed = false;
    std::vector<ByteSpan> host_data;          // 32 bytes each; none: any
    std::vector<ByteSpan> id_key_digests;     // 48 bytes each; none: any
    std::vector<ByteSpan> author_key_digests; // the same
    std::vector<ByteSpan> chip_ids;           // 64 bytes, or a Turin's 8; none: any
    std::vector<std::string> csp_ids;         // of a VLEK; none: any, or a VCEK
    SnpPlatformInfo platform_info;
    ChainCache* chains = nullptr; // none
};

[[nodiscard]] TSMFD_API Verification verify_snp(const Evidence& evidence,
                                                const SnpPolicy& policy) noexcept;

} // namespace tsmfd
