// SPDX-License-Identifier: MIT
#include "signature_check.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/tpm_report.hpp>

namespace stress {

bool SignatureCheck::has_certificates(const tsmfd::Evidence& got) const {
    const tsmfd::SnpPolicy* snp = settings_.policy->snp();
    return !got.auxblob.empty() || tsmfd::kind_of(got) != tsmfd::EvidenceKind::snp ||
           (snp != nullptr && snp->has_certificates());
}

std::optional<tsmfd::Verification> SignatureCheck::look(const tsmfd::Options& asked,
                                                        const tsmfd::Evidence& got) {
    if (settings_.signed_every == 0 || ++since_last_ < settings_.signed_every ||
        !has_certificates(got))
        return std::nullopt;
    since_last_ = 0;
    const auto question = tsmfd::Question().challenge(asked.inblob.bytes()).chains(&chains_);
    const auto report = tsmfd::parse_tpm_report(got.outblob);
    const tsmfd::TpmPolicy* tpm = settings_.policy->tpm();
    if (!report || tpm == nullptr || tpm->has_keys())
        return settings_.policy->verify(got, question);
    // Whose TPM that is does not matter here, but that its answers are not mixed up.
    const auto own = tsmfd::Policy().tpm(tsmfd::TpmPolicy(*tpm).keys({report->public_key}));
    return own.verify(got, question);
}

} // namespace stress
