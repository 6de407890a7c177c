// SPDX-License-Identifier: MIT
#include "signature_check.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/tpm_report.hpp>

namespace stress {

bool SignatureCheck::has_certificates(const tsmfd::Evidence& got) const {
    return !got.auxblob.empty() || tsmfd::kind_of(got) != tsmfd::EvidenceKind::snp ||
           (settings_.policy->snp && !settings_.policy->snp->certificates.empty());
}

std::optional<tsmfd::Verification> SignatureCheck::look(const tsmfd::Options& asked,
                                                        const tsmfd::Evidence& got) {
    if (settings_.signed_every == 0 || ++since_last_ < settings_.signed_every ||
        !has_certificates(got))
        return std::nullopt;
    since_last_ = 0;
    const tsmfd::PolicyQuestion question{.challenge = asked.inblob.bytes(), .chains = &chains_};
    const auto report = tsmfd::parse_tpm_report(got.outblob);
    if (!report || !settings_.policy->tpm || !settings_.policy->tpm->keys.empty() ||
        !settings_.policy->tpm->key_names.empty())
        return settings_.policy->verify(got, question);
    // Whose TPM that is does not matter here, but that its answers are not mixed up.
    tsmfd::Policy own{.snp = {}, .tdx = {}, .tpm = settings_.policy->tpm};
    own.tpm->keys = {{report->public_key.begin(), report->public_key.end()}};
    return own.verify(got, question);
}

} // namespace stress
