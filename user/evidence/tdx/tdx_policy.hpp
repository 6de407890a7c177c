// SPDX-License-Identifier: MIT
//
// What TdxPolicy has: see <tsmfd/evidence/tdx_verify.hpp>, which says what each member means. Not
// part of the library's interface.
#pragma once

#include <tsmfd/evidence/tdx_verify.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

struct TSMFD_API TdxPolicy::Members {
    using Bytes = std::vector<std::uint8_t>;

    Bytes roots;
    std::optional<std::int64_t> at;
    std::optional<Bytes> challenge;
    std::optional<QeIdentity> qe_identity;
    Bytes crls;
    bool crl_required = false;
    std::optional<TdxCollateral> collateral;
    bool collateral_required = false;
    std::vector<TcbStatus> tcb_statuses;
    std::optional<std::array<std::uint8_t, 16>> minimum_tcb;
    std::vector<Bytes> mr_td;
    bool any_measurement = false;
    std::array<std::vector<Bytes>, 4> rtmr;
    std::vector<Bytes> mr_seam;
    std::vector<Bytes> mr_signer_seam;
    std::vector<Bytes> mr_config_id;
    std::vector<Bytes> mr_owner;
    std::vector<Bytes> mr_owner_config;
    std::vector<Bytes> mr_service_td;
    bool debug_allowed = false;
    bool migration_allowed = false;
    std::optional<Bytes> event_log;
    std::vector<ExpectedEvent> events;
    ChainCache* chains = nullptr;
};

} // namespace tsmfd
