// SPDX-License-Identifier: MIT
//
// What Policy and Question have: see <tsmfd/evidence/policy.hpp>. Not part of the library's
// interface.
#pragma once

#include <tsmfd/evidence/policy.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsmfd {

struct TSMFD_API Question::Members {
    using Bytes = std::vector<std::uint8_t>;

    std::optional<Bytes> challenge;
    std::optional<std::int64_t> at;
    Bytes roots;        // empty: the policy's
    Bytes certificates; // empty: the policy's
    Bytes crls;         // empty: the policy's
    std::optional<Bytes> event_log;
    std::optional<QeIdentity> qe_identity;
    std::optional<TdxCollateral> collateral;
    Bytes quote;
    Bytes signature;
    Bytes td_quote;
    ChainCache* chains = nullptr;
};

struct TSMFD_API Policy::Members {
    std::optional<SnpPolicy> snp;
    std::optional<TdxPolicy> tdx;
    std::optional<TpmPolicy> tpm;
    std::optional<HclPolicy> hcl;
};

} // namespace tsmfd
