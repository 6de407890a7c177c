// SPDX-License-Identifier: MIT
//
// Which kinds of evidence an option is about.
//
// Threads: values.
#pragma once

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/verdict.hpp>

#include <string>

namespace tsmctl {

// An HCL report is of one kind of hardware or the other, and options about that are no other's.
struct Kinds {
    bool snp = false;
    bool tdx = false;
    bool tpm = false;
    bool hcl_snp = false;
    bool hcl_tdx = false;

    // What evidence of this kind is; an HCL report that cannot be read may be of either hardware.
    [[nodiscard]] static Kinds of(tsmfd::EvidenceKind kind, const tsmfd::Evidence& evidence) {
        switch (kind) {
        case tsmfd::EvidenceKind::snp:
            return {.snp = true};
        case tsmfd::EvidenceKind::tdx:
            return {.tdx = true};
        case tsmfd::EvidenceKind::tpm:
            return {.tpm = true};
        case tsmfd::EvidenceKind::hcl:
            break;
        }
        const auto report = tsmfd::parse_hcl_report(evidence.outblob);
        return {.hcl_snp = !report || report->hardware_kind == tsmfd::HclHardware::snp,
                .hcl_tdx = !report || report->hardware_kind == tsmfd::HclHardware::tdx};
    }
    [[nodiscard]] bool hcl() const { return hcl_snp || hcl_tdx; }
    [[nodiscard]] bool none() const { return !snp && !tdx && !tpm && !hcl(); }
    [[nodiscard]] Kinds and_of(const Kinds& other) const {
        return {.snp = snp && other.snp,
                .tdx = tdx && other.tdx,
                .tpm = tpm && other.tpm,
                .hcl_snp = hcl_snp && other.hcl_snp,
                .hcl_tdx = hcl_tdx && other.hcl_tdx};
    }
};

// Without a word about it: a report of the processor's that is wrapped up in a paravisor's is
// another thing than the report itself, and wants to be asked for.
inline constexpr Kinds usual_kinds{.snp = true, .tdx = true, .tpm = true};

struct AboutKinds {
    std::string option; // "--vmpl"
    Kinds kinds;
};

} // namespace tsmctl
