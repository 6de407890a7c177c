// SPDX-License-Identifier: MIT
#include "signature_check.hpp"

#include <tsmfd/evidence_kind.hpp>

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
    return settings_.policy->verify(got, {.challenge = asked.inblob.bytes(), .chains = &chains_});
}

} // namespace stress
