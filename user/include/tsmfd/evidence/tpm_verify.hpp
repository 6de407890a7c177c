// SPDX-License-Identifier: MIT
//
// Is this TPM's report to be believed?
//
//     const auto policy =
//         TpmPolicy().challenge(nonce).keys({ak}).pcrs({*ExpectedPcr::parse("sha256:4=3a8b...")});
//     const Verification verification = verify_tpm(evidence, policy);
//     if (!verification.ok())
//         ...                             // verification.checks says what failed
//
// What is looked at, by the names of the checks:
//
//     report      the blobs are whole
//     key         it can sign only what its TPM made, and is one of the policy's
//     attributes  never fails: said of a key that the policy has in PEM, whose attributes are only
//                 what the report says
//     signer      the quote says that it is a primary key of the endorsement hierarchy
//     signature   it is the key's, over the quote
//     challenge   the quote's qualifying data are the policy's challenge
//     clock       never fails: shows the TPM's clock and its counts of resets and restarts
//     auxblob     it is of the same key
//     ek          never fails: shows the endorsement key's certificates, which nobody has checked
//     event log   its replay gives the PCRs that were quoted
//     event H:N   the PCR was extended with a digest that the policy expects, says that log
//     pcr H:N     the PCR is what the policy expects; without an expectation, shows what it is
//
// A PCR's value is not in a quote, only a digest of them all is. So the values come from the event
// log, and count only if its replay gives that digest; or from the policy, if it has all of them.
//
// A policy without a key believes nothing: the report brings its own along, and anybody can make
// one. Who knows another reason to trust that one puts it into the policy. That an AK is of a
// genuine TPM is shown by TPM2_MakeCredential with the certificate of its EK, which takes a
// dialogue with the TPM and is not done here.
//
// A quote as tpm2_quote writes it is verified, too: the outblob is the message, the auxblob the
// signature, plain or marshalled, and the key, with which it does not come, one of the policy's.
// Then there is no "signer"; "attributes" is whether the key signs only what its TPM made, which
// one in PEM does not say. Keys: ECDSA with P-256, RSASSA, RSAPSS.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/hidden.hpp>
#include <tsmfd/evidence/tpm_hash.hpp>
#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/evidence/verification.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace tsmfd {

struct TSMFD_API ExpectedPcr {
    TpmHash hash = TpmHash::sha256;
    unsigned pcr = 0; // 0 to 23
    TpmDigest value;

    // "sha256:4=HEX"; "4=HEX" is of sha256. EINVAL for what is not.
    [[nodiscard]] static Result<ExpectedPcr> parse(std::string_view text) noexcept;
};

// Every function replaces what was said before, and gives the policy back. What is given is copied;
// a list without elements allows any.
class TSMFD_API TpmPolicy {
public:
    // The inblob that was asked with; unset: any.
    TpmPolicy& challenge(std::optional<ByteSpan> value) noexcept;
    // The report's key is to be one of these, TPM2B_PUBLIC or PEM,
    TpmPolicy& keys(const std::vector<ByteSpan>& value) noexcept;
    // or one of these, TpmKey::name(); without any of either, none is good enough.
    TpmPolicy& key_names(const std::vector<ByteSpan>& value) noexcept;
    // Unset: the auxblob's, if it has one.
    TpmPolicy& event_log(std::optional<ByteSpan> value) noexcept;
    // Of several for one PCR it is to be one; without an event log there can be but one for each.
    TpmPolicy& pcrs(const std::vector<ExpectedPcr>& value) noexcept;
    // Each has to be in an event log whose replay gives the quoted PCRs.
    TpmPolicy& events(const std::vector<ExpectedEvent>& value) noexcept;
    // For Policy, in which that has to be said where there are neither.
    TpmPolicy& any_measurement(bool value) noexcept;

    // Does it name any, in either way?
    [[nodiscard]] bool has_keys() const noexcept;

    struct Members; // the library's
    [[nodiscard]] const Members& members() const noexcept { return *members_; }
    [[nodiscard]] Members& members() noexcept { return *members_; }

private:
    Hidden<Members> members_;
};

[[nodiscard]] TSMFD_API Verification verify_tpm(const Evidence& evidence,
                                                const TpmPolicy& policy) noexcept;

} // namespace tsmfd
