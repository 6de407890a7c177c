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

    // Of an HCL report that cannot be read, either.
    [[nodiscard]] bool has(tsmfd::EvidenceKind kind, const tsmfd::Evidence& evidence) const {
        switch (kind) {
        case tsmfd::EvidenceKind::snp:
            return snp;
        case tsmfd::EvidenceKind::tdx:
            return tdx;
        case tsmfd::EvidenceKind::tpm:
            return tpm;
        case tsmfd::EvidenceKind::hcl:
            break;
        }
        const auto report = tsmfd::parse_hcl_report(evidence.outblob);
        if (!report)
            return hcl();
        return report->hardware_kind == tsmfd::HclHardware::snp ? hcl_snp : hcl_tdx;
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
