// SPDX-License-Identifier: MIT
//
// Is this HCL report, of an Azure confidential VM, to be believed?
//
//     const auto policy = HclPolicy()
//                             .challenge(nonce)
//                             .snp(SnpPolicy().roots(ark_pem).certificates(vcek_and_ask));
//     const Verification verification = verify_hcl(evidence, policy);
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// How it hangs together: the processor's report speaks for the paravisor, and its REPORT_DATA for
// the claims; the claims name the attestation key (AK) of the VM's virtual TPM, and this key's
// quote speaks for what the guest booted. hcl_report.hpp and hcl_claims.hpp are about the formats.
//
// What is looked at, by the names of the checks:
//
//     hcl report      the blob is whole, and its claims can be read
//     unsigned rest   fails if what is behind a TDREPORT is not zero: nobody has signed it
//     ...             of SEV-SNP all that verify_snp() looks at, and of TDX all that verify_tdx()
//                     looks at in the quote, but for "challenge", whose place takes
//     claims          the hardware's REPORT_DATA is the hash of the claims, with zeros behind it
//     vmpl            of SEV-SNP 0, which the paravisor has, unless the policy says another
//     td quote        of TDX: a TDREPORT can be told from a made one by its own machine only, so
//                     the policy has to have a quote made of it; its fields are the TDREPORT's
//     ak              the claims' HCLAkPub is a key of RSA, and is the report's own and one of the
//                     policy's, where there are such; the report's own attests (TpmKey::attests())
//     quote signer    never fails: whether the quote says that the report's own key is its signer,
//                     and a primary one of the endorsement hierarchy
//     attributes      never fails: said of an AK of which there are only the numbers
//     quote           the claims' HCLAkPub has signed it, and it is about the report or the
//                     challenge: its qualifying data are the SHA-256 of the user data, as tsmfd_hcl
//                     has it; or, where it did not come with the report, the challenge itself
//     challenge       the claims' user data are the policy's challenge, with zeros behind it; where
//                     they are zero or there are none, the quote's qualifying data are the
//                     challenge
//     clock, event log, pcr H:N, event H:N
//                     as verify_tpm() has them
//     auxblob         fails if it is none of tsmfd_hcl's
//     ak certificate  never fails: shows the AK's certificate, which nobody has checked
//     padding         never fails: bytes behind the claims that are not zero
//     policy          fails if one of the policy's parts has another challenge
//
// Without a quote by the AK the hardware's part may hold, and nothing is said of what the guest
// booted. A policy that expects PCRs or events, or has an event log, then holds for nothing.
//
// What it cannot show: anybody can run a guest of his own on genuine hardware, so the claims are a
// paravisor's only if the measurement is one's. And whoever owns the guest can put another key, one
// that signs anything, at the AK's handle: after a restart the paravisor takes what is there. No
// part of the report shows it, for nobody has signed the key's attributes; the AK's certificate
// does, which is not given to such a key, and so do AKs that the policy names.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/hidden.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>

#include <optional>

namespace tsmfd {

// Every function replaces what was said before, and gives the policy back. What is given is copied.
class TSMFD_API HclPolicy {
public:
    // The inblob that was asked with; unset: any.
    HclPolicy& challenge(std::optional<ByteSpan> value) noexcept;
    // Of the hardware that there is in the report. Their challenges are to be unset, or that one.
    HclPolicy& snp(const SnpPolicy& value) noexcept;
    HclPolicy& tdx(const TdxPolicy& value) noexcept;
    // What is to be of the quote. Without keys any AK will do that the claims name.
    HclPolicy& tpm(const TpmPolicy& value) noexcept;
    // For a report without: TPMS_ATTEST, as tpm2_quote writes it.
    HclPolicy& quote(ByteSpan value) noexcept;
    // Of that: plain, or TPMT_SIGNATURE.
    HclPolicy& signature(ByteSpan value) noexcept;
    // For a report of TDX: for parse_tdx_quote().
    HclPolicy& td_quote(ByteSpan value) noexcept;

    struct Members; // the library's
    [[nodiscard]] const Members& members() const noexcept { return *members_; }
    [[nodiscard]] Members& members() noexcept { return *members_; }

private:
    Hidden<Members> members_;
};

[[nodiscard]] TSMFD_API Verification verify_hcl(const Evidence& evidence,
                                                const HclPolicy& policy) noexcept;

} // namespace tsmfd
