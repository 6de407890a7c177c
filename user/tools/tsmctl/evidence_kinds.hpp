// SPDX-License-Identifier: MIT
//
// Which kinds of evidence an option is about.
//
// Threads: values.
#pragma once

#include <tsmfd/evidence_kind.hpp>

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

inline constexpr Kinds all_kinds{.snp = true, .tdx = true, .tpm = true, .hcl = true};

struct AboutKinds {
    std::string option; // "--vmpl"
    Kinds kinds;
};

} // namespace tsmctl
