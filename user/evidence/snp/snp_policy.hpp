// SPDX-License-Identifier: MIT
//
// What SnpPolicy has: see <tsmfd/evidence/snp_verify.hpp>, which says what each member means. Not
// part of the library's interface.
#pragma once

#include <tsmfd/evidence/snp_verify.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

struct TSMFD_API SnpPolicy::Members {
    using Bytes = std::vector<std::uint8_t>;

    Bytes roots;
    Bytes certificates;
    Bytes crls;
    bool crl_required = false;
    std::optional<std::int64_t> at;
    std::optional<Bytes> challenge;
    std::optional<SnpTcb> minimum_tcb;
    std::vector<SnpProductTcb> minimum_tcbs;
    std::vector<Bytes> measurements;
    bool any_measurement = false;
    std::optional<std::uint32_t> vmpl;
    std::optional<std::uint32_t> vmpl_max;
    bool debug_allowed = false;
    bool migration_allowed = false;
    std::vector<Bytes> host_data;
    std::vector<Bytes> id_key_digests;
    std::vector<Bytes> author_key_digests;
    std::vector<Bytes> chip_ids;
    std::vector<std::string> csp_ids;
    SnpPlatformInfo platform_info;
    ChainCache* chains = nullptr;
};

} // namespace tsmfd
