// SPDX-License-Identifier: MIT
//
// What evidence has to be, as a file says it. Documentation/policy.rst is about the format.
//
//     Result<Policy> policy = Policy::read("/etc/myservice/policy.json");
//     if (!policy)
//         fmt::print("{}\n", policy.error().message());
//         // policy.json: snp.measurements[1]: 95 hex digits, not 96: Invalid argument
//     const Verification verification = policy->verify(evidence, Question().challenge(nonce));
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// Kinds of evidence that the policy has no section for are refused. Of those it has one for, it
// trusts the roots and keys that it names and no other: a section for SEV-SNP or TDX without roots
// accepts nothing, and neither does one for TPMs without keys. A section that names no measurement
// has to say that any will do.
//
// A policy can also be put together without a file:
//
//     Policy policy;
//     policy.snp(SnpPolicy().roots(ark_pem).measurements({measurement}));
//
// Threads: values. Several may verify by one policy at once.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_verify.hpp>
#include <tsmfd/evidence/hidden.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tsmfd {

// What is not in a policy, because it is another for each report. Every function replaces what was
// said before, and gives the question back. What is given is copied.
class TSMFD_API Question {
public:
    // The inblob that was asked with; unset: any.
    Question& challenge(std::optional<ByteSpan> value) noexcept;
    // Seconds since 1970; unset: now.
    Question& at(std::optional<std::int64_t> value) noexcept;
    // PEM or DER; trusted in place of the policy's.
    Question& roots(ByteSpan value) noexcept;
    // In place of the policy's, as SnpPolicy has them.
    Question& certificates(ByteSpan value) noexcept;
    // In place of the policy's, as SnpPolicy and TdxPolicy have them.
    Question& crls(ByteSpan value) noexcept;
    // As TdxPolicy and TpmPolicy have it.
    Question& event_log(std::optional<ByteSpan> value) noexcept;
    // In place of the policy's, as TdxPolicy has them.
    Question& qe_identity(const std::optional<QeIdentity>& value) noexcept;
    Question& collateral(const std::optional<TdxCollateral>& value) noexcept;
    // What is not in an HCL report itself, as HclPolicy has them.
    Question& quote(ByteSpan value) noexcept;
    Question& signature(ByteSpan value) noexcept;
    Question& td_quote(ByteSpan value) noexcept;
    // For who verifies many; it outlives the question. nullptr: none.
    Question& chains(ChainCache* value) noexcept;

    struct Members; // the library's
    [[nodiscard]] const Members& members() const noexcept { return *members_; }

private:
    Hidden<Members> members_;
};

class TSMFD_API Policy {
public:
    // Of a kind without a section no evidence is accepted. What a section says of challenge, time,
    // event log and cache counts for nothing: the question does.
    Policy& snp(const std::optional<SnpPolicy>& section) noexcept;
    Policy& tdx(const std::optional<TdxPolicy>& section) noexcept;
    Policy& tpm(const std::optional<TpmPolicy>& section) noexcept;
    Policy& hcl(const std::optional<HclPolicy>& section) noexcept;

    // nullptr if there is none.
    [[nodiscard]] const SnpPolicy* snp() const noexcept;
    [[nodiscard]] const TdxPolicy* tdx() const noexcept;
    [[nodiscard]] const TpmPolicy* tpm() const noexcept;
    [[nodiscard]] const HclPolicy* hcl() const noexcept;
    [[nodiscard]] SnpPolicy* snp() noexcept;
    [[nodiscard]] TdxPolicy* tdx() noexcept;
    [[nodiscard]] TpmPolicy* tpm() noexcept;
    [[nodiscard]] HclPolicy* hcl() noexcept;

    // Files that the text names are looked for in `directory`, unless their paths are absolute.
    // EINVAL for a text that is not a policy, with the path of the member; EBADMSG for a file of
    // another kind; EFBIG for one of more than 16 MiB; another errno for one that cannot be read.
    [[nodiscard]] static Result<Policy> parse(std::string_view json,
                                              const std::string& directory) noexcept;
    // From a file, whose directory is that of the files it names.
    [[nodiscard]] static Result<Policy> read(const std::string& file) noexcept;

    // All checks of verify_snp(), verify_tdx(), verify_tpm() or verify_hcl(), whichever the
    // evidence is for, and:
    //
    //     kind            the policy has a section for this kind of evidence
    //     policy          fails if the policy names no measurement and does not say that any will
    //                     do; else shows of which ones it says nothing
    [[nodiscard]] Verification verify(const Evidence& evidence,
                                      const Question& question) const noexcept;

    struct Members; // the library's

private:
    Hidden<Members> members_;
};

} // namespace tsmfd
