// SPDX-License-Identifier: MIT
//
// Is this TDX quote to be believed?
//
//     TdxPolicy policy{.roots = intel_sgx_root_pem, .challenge = nonce};
//     const Verification verification = verify_tdx(evidence, policy);
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// "Intel SGX DCAP ECDSA Quote Verification", and tdx_quote.hpp's sources. What is looked at, by the
// names of the checks:
//
//     report       the blob is whole
//     chain        the platform's certificate (PCK), which comes with the quote, leads to one of
//                  the policy's roots, at the policy's time
//     pck          that certificate says of which platform it is, and of which versions
//     qe report    the platform's key has signed the quoting enclave's report
//     qe key       that report is about the key that signed the quote
//     qe identity  that enclave is the policy's: its signer and product, and that it runs without
//                  a debugger. Without this, whoever owns an SGX host could sign any quote
//     signature    that key has signed the quote
//     tdx module   MRSIGNERSEAM is zero, which is Intel's, or one of the policy's, and
//                  SEAMATTRIBUTES is zero
//     td attributes   no reserved bit is set
//     challenge    REPORTDATA is the policy's challenge, with zeros behind it
//     debug        the TD cannot be read by its host, unless the policy lets it
//     migration    the TD cannot be moved to another machine, and no other TD serves it, unless
//                  the policy lets it
//     mrtd, mrseam, mrconfigid, mrowner, mrownerconfig, mrservicetd, rtmr0 to rtmr3
//                  are one of the policy's; without any there, they are shown
//     event log    if there is one: its replay gives the quote's RTMRs; and each by its name,
//                  "event log rtmrN"
//     event rtmrN  the RTMR was extended with a digest that the policy expects, says that log
//     trailing     never fails: bytes behind the quote that are not zero, which nobody has signed
//     collateral   TCB info and QE identity are signed by a chain to one of the policy's roots,
//                  and in force at the policy's time
//     revocation   of the platform's chain and of the collateral's no certificate is on a list of
//                  its issuer's, of which there is one in force for each; without collateral only
//                  the policy's lists are looked at
//     tcb info     the TCB info is of this kind of platform (FMSPC, PCEID)
//     tcb platform, tcb module, tcb qe
//                  what Intel says of their versions; fails if it says nothing of versions so old
//     tcb          the worst of these is a status that the policy allows; Verification::tcb has
//                  it, with the advisories. Without collateral the TCB is unknown, which fails only
//                  where the policy requires collateral
//     minimum tcb  the TCB's versions are the policy's at least, each
//
// No root is built in, and the one that comes with the quote is never trusted: a policy without
// roots fails. Nothing is fetched from anywhere. Without collateral (tdx_collateral.hpp) the checks
// from "collateral" to "tcb qe" are left out, and with it its QE identity takes the place of
// Intel's published one.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/qe_identity.hpp>
#include <tsmfd/evidence/tcb_status.hpp>
#include <tsmfd/evidence/tdx_collateral.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace tsmfd {

struct TdxPolicy {
    ByteSpan roots;                 // PEM or DER: Intel's SGX root
    std::optional<std::int64_t> at; // seconds since 1970; unset: now
    std::optional<ByteSpan> challenge;
    // Whose quoting enclave it is to be; unset: Intel's, QeIdentity::intel().
    std::optional<QeIdentity> qe_identity;
    ByteSpan crls;             // PEM or DER: revocation lists, beside those of the collateral
    bool crl_required = false; // each issuer has to have one in force; as with collateral
    std::optional<TdxCollateral> collateral; // unset: whether its TCB is up to date is unknown
    bool collateral_required = false;        // which then fails
    std::vector<TcbStatus> tcb_statuses;     // that may hold; none: UpToDate alone. Revoked never
    std::optional<std::array<std::uint8_t, 16>> minimum_tcb; // TEE_TCB_SVN
    std::vector<ByteSpan> mr_td;                             // 48 bytes each; none: any
    std::array<std::vector<ByteSpan>, 4> rtmr;               // the same
    std::vector<ByteSpan> mr_seam;                           // the same
    std::vector<ByteSpan> mr_signer_seam;                    // 48 bytes each; none: zero, Intel's
    std::vector<ByteSpan> mr_config_id;                      // 48 bytes each; none: any
    std::vector<ByteSpan> mr_owner;                          // the same
    std::vector<ByteSpan> mr_owner_config;                   // the same
    // 48 bytes each: what may serve the TD; none: nothing may, or anything if migration_allowed.
    std::vector<ByteSpan> mr_service_td;
    bool debug_allowed = false;
    bool migration_allowed = false;
    std::optional<ByteSpan> event_log{}; // of the TD (CCEL); unset: not looked at
    // By SHA-384, each in a log that leads to the RTMRs. Register 1 is RTMR 0, as the log has it.
    std::vector<ExpectedEvent> events{};
    ChainCache* chains = nullptr; // none
};

[[nodiscard]] TSMFD_API Verification verify_tdx(const Evidence& evidence,
                                                const TdxPolicy& policy) noexcept;

} // namespace tsmfd
