// SPDX-License-Identifier: MIT
//
// What HclPolicy has: see <tsmfd/evidence/hcl_verify.hpp>, which says what each member means. Not
// part of the library's interface.
#pragma once

#include <tsmfd/evidence/hcl_verify.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace tsmfd {

struct TSMFD_API HclPolicy::Members {
    using Bytes = std::vector<std::uint8_t>;

    std::optional<Bytes> challenge;
    SnpPolicy snp;
    TdxPolicy tdx;
    TpmPolicy tpm;
    Bytes quote;
    Bytes signature;
    Bytes td_quote;
};

} // namespace tsmfd
