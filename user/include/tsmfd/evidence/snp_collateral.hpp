// SPDX-License-Identifier: MIT
//
// Where AMD has what a verifier of an SEV-SNP report needs. Nothing is fetched.
//
// AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification",
// section 4.
//
//     const auto needed = snp_collateral(evidence, {});
//     for (const std::string& address : needed->addresses)
//         fmt::print("{}\n", address);         // https://kdsintf.amd.com/vcek/v1/Milan/...
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/evidence/verdict.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

struct SnpCollateral {
    // The VCEK (DER), its chain (PEM: ASK, ARK), and the ARK's revocation list (DER).
    std::vector<std::string> addresses;
    // What there is no address of, and why: a VLEK, and the VCEK of a chip whose id is masked.
    std::vector<std::string> missing;
};

// `product` is "Milan", "Genoa" or "Turin", and empty for the one that the report, or the
// certificate that came with it, says. EBADMSG for what is no report, ENODATA if neither says.
[[nodiscard]] TSMFD_API Result<SnpCollateral> snp_collateral(const Evidence& evidence,
                                                             std::string_view product) noexcept;

} // namespace tsmfd
