// SPDX-License-Identifier: MIT
//
// Which kinds of evidence an option is about.
//
// Threads: values.
#pragma once

#include <tsmfd/evidence/evidence_kind.hpp>

#include <string>

namespace tsmctl {

struct Kinds {
    bool snp = false;
    bool tdx = false;
    bool tpm = false;
    bool hcl = false;

    [[nodiscard]] bool has(tsmfd::EvidenceKind kind) const {
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
        return hcl;
    }
    [[nodiscard]] bool none() const { return !snp && !tdx && !tpm && !hcl; }
    [[nodiscard]] Kinds and_of(const Kinds& other) const {
        return {.snp = snp && other.snp,
                .tdx = tdx && other.tdx,
                .tpm = tpm && other.tpm,
                .hcl = hcl && other.hcl};
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
