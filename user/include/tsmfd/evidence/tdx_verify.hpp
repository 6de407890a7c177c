// SPDX-License-Identifier: MIT
//
// Is this TDX quote to be believed?
//
//     const auto policy = TdxPolicy().roots(intel_sgx_root_pem).challenge(nonce);
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
#include <tsmfd/evidence/hidden.hpp>
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

// Every function replaces what was said before, and gives the policy back. What is given is copied;
// a list without elements allows any.
class TSMFD_API TdxPolicy {
public:
    // PEM or DER: Intel's SGX root.
    TdxPolicy& roots(ByteSpan value) noexcept;
    // Seconds since 1970; unset: now.
    TdxPolicy& at(std::optional<std::int64_t> value) noexcept;
    // The inblob that was asked with; unset: any.
    TdxPolicy& challenge(std::optional<ByteSpan> value) noexcept;
    // Whose quoting enclave it is to be; unset: Intel's, QeIdentity::intel().
    TdxPolicy& qe_identity(const std::optional<QeIdentity>& value) noexcept;
    // PEM or DER: revocation lists, beside those of the collateral.
    TdxPolicy& crls(ByteSpan value) noexcept;
    // Each issuer has to have one in force; as with collateral.
    TdxPolicy& crl_required(bool value) noexcept;
    // Unset: whether its TCB is up to date is unknown,
    TdxPolicy& collateral(const std::optional<TdxCollateral>& value) noexcept;
    // which then fails.
    TdxPolicy& collateral_required(bool value) noexcept;
    // That may hold; none: UpToDate alone. Revoked never does.
    TdxPolicy& tcb_statuses(const std::vector<TcbStatus>& value) noexcept;
    // TEE_TCB_SVN.
    TdxPolicy& minimum_tcb(const std::optional<std::array<std::uint8_t, 16>>& value) noexcept;
    // 48 bytes each, as all of these.
    TdxPolicy& mr_td(const std::vector<ByteSpan>& value) noexcept;
    // For Policy, in which that has to be said where there is no MRTD.
    TdxPolicy& any_measurement(bool value) noexcept;
    // RTMR 0 to 3; EINVAL is not said of another number, no report has it.
    TdxPolicy& rtmr(std::size_t number, const std::vector<ByteSpan>& values) noexcept;
    TdxPolicy& mr_seam(const std::vector<ByteSpan>& value) noexcept;
    // None: zero, Intel's.
    TdxPolicy& mr_signer_seam(const std::vector<ByteSpan>& value) noexcept;
    TdxPolicy& mr_config_id(const std::vector<ByteSpan>& value) noexcept;
    TdxPolicy& mr_owner(const std::vector<ByteSpan>& value) noexcept;
    TdxPolicy& mr_owner_config(const std::vector<ByteSpan>& value) noexcept;
    // What may serve the TD; none: nothing may, or anything if migration_allowed.
    TdxPolicy& mr_service_td(const std::vector<ByteSpan>& value) noexcept;
    TdxPolicy& debug_allowed(bool value) noexcept;
    TdxPolicy& migration_allowed(bool value) noexcept;
    // Of the TD (CCEL); unset: not looked at.
    TdxPolicy& event_log(std::optional<ByteSpan> value) noexcept;
    // By SHA-384, each in a log that leads to the RTMRs. Register 1 is RTMR 0, as the log has it.
    TdxPolicy& events(const std::vector<ExpectedEvent>& value) noexcept;
    // For who verifies many; it outlives the policy. nullptr: none.
    TdxPolicy& chains(ChainCache* value) noexcept;

    struct Members; // the library's
    [[nodiscard]] const Members& members() const noexcept { return *members_; }
    [[nodiscard]] Members& members() noexcept { return *members_; }

private:
    Hidden<Members> members_;
};

[[nodiscard]] TSMFD_API Verification verify_tdx(const Evidence& evidence,
                                                const TdxPolicy& policy) noexcept;

} // namespace tsmfd
