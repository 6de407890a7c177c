// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tpm_report.hpp>

namespace tsmfd {

std::optional<EvidenceKind> kind_of(const Evidence& evidence) noexcept {
    if (is_tpm_report(evidence.outblob) || is_tpm_attest(evidence.outblob))
        return EvidenceKind::tpm;
    if (is_hcl_outblob(evidence.outblob) || is_hcl_index(evidence.outblob))
        return EvidenceKind::hcl;
    if (is_tdx_quote(evidence.outblob))
        return EvidenceKind::tdx;
    if (snp_facts(evidence.outblob))
        return EvidenceKind::snp;
    return std::nullopt;
}

std::string_view kind_name(EvidenceKind kind) noexcept {
    switch (kind) {
    case EvidenceKind::snp:
        return "snp";
    case EvidenceKind::tdx:
        return "tdx";
    case EvidenceKind::tpm:
        return "tpm";
    case EvidenceKind::hcl:
        break;
    }
    return "hcl";
}

} // namespace tsmfd
