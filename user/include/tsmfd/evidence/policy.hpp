// SPDX-License-Identifier: MIT
//
// What evidence has to be, as a file says it. Documentation/policy.rst is about the format.
//
//     Result<Policy> policy = Policy::read("/etc/myservice/policy.json");
//     if (!policy)
//         fmt::print("{}\n", policy.error().message());
//         // policy.json: snp.measurements[1]: 95 hex digits, not 96: Invalid argument
//     const Verification verification = policy->verify(evidence, {.challenge = nonce});
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// Kinds of evidence that the policy has no section for are refused. Of those it has one for, it
// trusts the roots and keys that it names and no other: a section for SEV-SNP or TDX without roots
// accepts nothing, and neither does one for TPMs without keys. A section that names no measurement
// has to say that any will do.
//
// The members can also be set without a file, and expect() gives what verify_snp(), verify_tdx()
// and verify_tpm() want, for who calls these by himself.
//
// Threads: a value. What expect() gives refers to the section and to the question it was given.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/chain_cache.hpp>
#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

// What is not in a policy, because it is another for each report.
struct PolicyQuestion {
    std::optional<ByteSpan> challenge{};       // the inblob that was asked with; unset: any
    std::optional<std::int64_t> at{};          // seconds since 1970; unset: now
    ByteSpan roots{};                          // PEM or DER; trusted in place of the policy's
    ByteSpan certificates{};                   // in place of the policy's, as SnpPolicy has them
    ByteSpan crls{};                           // in place of the policy's, as SnpPolicy has them
    std::optional<ByteSpan> event_log{};       // as TpmPolicy and TdxPolicy have it
    std::optional<QeIdentity> qe_identity{};   // in place of the policy's, as TdxPolicy has it
    std::optional<TdxCollateral> collateral{}; // the same
    ChainCache* chains = nullptr;              // for who verifies many
};

struct TSMFD_API SnpRules {
    using Bytes = std::vector<std::uint8_t>;

    Bytes roots;                     // PEM; empty: none
    Bytes certificates;              // PEM; empty: none
    Bytes crls;                      // PEM; empty: none
    bool crl_required = false;       // as SnpPolicy has it
    std::vector<Bytes> measurements; // 48 bytes each
    bool any_measurement = false;    // has to be said where there are none
    std::optional<SnpTcb> minimum_tcb;
    std::vector<SnpProductTcb> minimum_tcbs;
    std::optional<std::uint32_t> vmpl;
    std::optional<std::uint32_t> vmpl_max;
    bool debug_allowed = false;
    bool migration_allowed = false;
    std::vector<Bytes> host_data; // as SnpPolicy has them
    std::vector<Bytes> id_key_digests;
    std::vector<Bytes> author_key_digests;
    std::vector<Bytes> chip_ids;
    std::vector<std::string> csp_ids;
    SnpPlatformInfo platform_info;

    [[nodiscard]] SnpPolicy expect(const PolicyQuestion& question) const noexcept;
};

struct TSMFD_API TdxRules {
    using Bytes = std::vector<std::uint8_t>;

    Bytes roots;                                             // PEM; empty: none
    Bytes crls;                                              // PEM; empty: none
    bool crl_required = false;                               // as TdxPolicy has it
    std::optional<QeIdentity> qe_identity;                   // unset: Intel's
    std::optional<TdxCollateral> collateral;                 // unset: the TCB is unknown
    bool collateral_required = false;                        // which then is refused
    std::vector<TcbStatus> tcb_statuses;                     // none: UpToDate alone
    std::vector<Bytes> mr_td;                                // 48 bytes each
    bool any_measurement = false;                            // has to be said where there are none
    std::array<std::vector<Bytes>, 4> rtmr;                  // the same
    std::vector<Bytes> mr_seam;                              // the same
    std::vector<Bytes> mr_signer_seam;                       // 48 bytes each; none: zero, Intel's
    std::vector<Bytes> mr_config_id;                         // 48 bytes each; none: any
    std::vector<Bytes> mr_owner;                             // the same
    std::vector<Bytes> mr_owner_config;                      // the same
    std::vector<Bytes> mr_service_td;                        // as TdxPolicy has it
    std::optional<std::array<std::uint8_t, 16>> minimum_tcb; // TEE_TCB_SVN
    std::vector<ExpectedEvent> events;                       // as TdxPolicy has them
    bool debug_allowed = false;
    bool migration_allowed = false;

    [[nodiscard]] TdxPolicy expect(const PolicyQuestion& question) const noexcept;
};

struct TSMFD_API TpmRules {
    using Bytes = std::vector<std::uint8_t>;

    std::vector<Bytes> keys;      // TPM2B_PUBLIC or PEM
    std::vector<Bytes> key_names; // TpmKey::name()
    std::vector<ExpectedPcr> pcrs;
    std::vector<ExpectedEvent> events; // as TpmPolicy has them
    bool any_measurement = false;      // has to be said where there are neither

    [[nodiscard]] TpmPolicy expect(const PolicyQuestion& question) const noexcept;
};

struct TSMFD_API Policy {
    using Bytes = std::vector<std::uint8_t>;
    using Question = PolicyQuestion;
    using Snp = SnpRules;
    using Tdx = TdxRules;
    using Tpm = TpmRules;

    std::optional<Snp> snp;
    std::optional<Tdx> tdx;
    std::optional<Tpm> tpm;

    // Files that the text names are looked for in `directory`, unless their paths are absolute.
    // EINVAL for a text that is not a policy, with the path of the member; EBADMSG for a file of
    // another kind; another errno for one that cannot be read.
    [[nodiscard]] static Result<Policy> parse(std::string_view json,
                                              const std::string& directory) noexcept;
    // From a file, whose directory is that of the files it names.
    [[nodiscard]] static Result<Policy> read(const std::string& file) noexcept;

    // All checks of verify_snp(), verify_tdx() or verify_tpm(), whichever the evidence is for, and:
    //
    //     kind            the policy has a section for this kind of evidence
    //     policy          fails if the policy names no measurement and does not say that any will
    //     do;
    //                     else shows of which ones it says nothing
    [[nodiscard]] Verification verify(const Evidence& evidence,
                                      const Question& question) const noexcept;
};

} // namespace tsmfd
