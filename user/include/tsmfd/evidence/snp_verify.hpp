// SPDX-License-Identifier: MIT
//
// Is this SEV-SNP report to be believed?
//
//     const auto policy =
//         SnpPolicy().roots(ark_pem).certificates(vcek_and_ask).challenge(nonce);
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
#include <tsmfd/evidence/hidden.hpp>
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

// Every function replaces what was said before, and gives the policy back. What is given is copied;
// a list without elements allows any.
class TSMFD_API SnpPolicy {
public:
    // PEM or DER: the ARKs that are trusted.
    SnpPolicy& roots(ByteSpan value) noexcept;
    // PEM or DER: VCEK or VLEK, ASK; beside those of the auxblob.
    SnpPolicy& certificates(ByteSpan value) noexcept;
    // PEM or DER: revocation lists, beside those of the auxblob.
    SnpPolicy& crls(ByteSpan value) noexcept;
    // The ARK has to have a list that is in force.
    SnpPolicy& crl_required(bool value) noexcept;
    // Seconds since 1970; unset: now.
    SnpPolicy& at(std::optional<std::int64_t> value) noexcept;
    // The inblob that was asked with; unset: any.
    SnpPolicy& challenge(std::optional<ByteSpan> value) noexcept;
    // Of any product.
    SnpPolicy& minimum_tcb(std::optional<SnpTcb> value) noexcept;
    // If there are any: one of the report's product.
    SnpPolicy& minimum_tcbs(const std::vector<SnpProductTcb>& value) noexcept;
    // 48 bytes each.
    SnpPolicy& measurements(const std::vector<ByteSpan>& value) noexcept;
    // For Policy, in which that has to be said where there are none.
    SnpPolicy& any_measurement(bool value) noexcept;
    SnpPolicy& vmpl(std::optional<std::uint32_t> value) noexcept;
    SnpPolicy& vmpl_max(std::optional<std::uint32_t> value) noexcept;
    SnpPolicy& debug_allowed(bool value) noexcept;
    SnpPolicy& migration_allowed(bool value) noexcept;
    // 32 bytes each.
    SnpPolicy& host_data(const std::vector<ByteSpan>& value) noexcept;
    // 48 bytes each.
    SnpPolicy& id_key_digests(const std::vector<ByteSpan>& value) noexcept;
    // 48 bytes each.
    SnpPolicy& author_key_digests(const std::vector<ByteSpan>& value) noexcept;
    // 64 bytes each, or a Turin's 8.
    SnpPolicy& chip_ids(const std::vector<ByteSpan>& value) noexcept;
    // Of a VLEK; none: any, or a VCEK.
    SnpPolicy& csp_ids(const std::vector<std::string>& value) noexcept;
    SnpPolicy& platform_info(SnpPlatformInfo value) noexcept;
    // For who verifies many; it outlives the policy. nullptr: none.
    SnpPolicy& chains(ChainCache* value) noexcept;

    // Does it say any?
    [[nodiscard]] bool has_certificates() const noexcept;

    struct Members; // the library's
    [[nodiscard]] const Members& members() const noexcept { return *members_; }
    [[nodiscard]] Members& members() noexcept { return *members_; }

private:
    Hidden<Members> members_;
};

[[nodiscard]] TSMFD_API Verification verify_snp(const Evidence& evidence,
                                                const SnpPolicy& policy) noexcept;

} // namespace tsmfd
