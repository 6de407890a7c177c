// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/tcb_status.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace tsmfd {

namespace {

constexpr std::array<std::string_view, 7> names = {
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
};

bool needs_configuration(TcbStatus status) {
    return status == TcbStatus::configuration_needed ||
           status == TcbStatus::configuration_and_sw_hardening_needed ||
           status == TcbStatus::out_of_date_configuration_needed;
}

bool needs_hardening(TcbStatus status) {
    return status == TcbStatus::sw_hardening_needed ||
           status == TcbStatus::configuration_and_sw_hardening_needed;
}

} // namespace

std::string_view tcb_status_name(TcbStatus status) noexcept {
    return names[std::to_underlying(status)];
}

std::optional<TcbStatus> tcb_status_by_name(std::string_view name) noexcept {
    const auto found = std::ranges::find(names, name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<TcbStatus>(found - names.begin());
}

TcbStatus worse(TcbStatus one, TcbStatus other) noexcept {
    const TcbStatus worst = std::max(one, other);
    const bool configuration = needs_configuration(one) || needs_configuration(other);
    if (worst == TcbStatus::out_of_date && configuration)
        return TcbStatus::out_of_date_configuration_needed;
    if (worst == TcbStatus::configuration_needed &&
        (needs_hardening(one) || needs_hardening(other)))
        return TcbStatus::configuration_and_sw_hardening_needed;
    return worst;
}

} // namespace tsmfd
