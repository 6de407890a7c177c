// SPDX-License-Identifier: MIT
//
// What Intel says of a version of a platform, of a TDX module or of a quoting enclave.
//
// "Intel Provisioning Certification Service" API, version 4, TCB info and QE identity: tcbStatus.
//
//     worse(TcbStatus::out_of_date, TcbStatus::configuration_needed)
//                                         // out_of_date_configuration_needed
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/export.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace tsmfd {

// From the best to the worst.
enum class TcbStatus : std::uint8_t {
    up_to_date,
    sw_hardening_needed,
    configuration_needed,
    configuration_and_sw_hardening_needed,
    out_of_date,
    out_of_date_configuration_needed,
    revoked,
};

// As Intel writes it: "UpToDate", "SWHardeningNeeded".
[[nodiscard]] TSMFD_API std::string_view tcb_status_name(TcbStatus status) noexcept;

// Nothing for a word that is none of these.
[[nodiscard]] TSMFD_API std::optional<TcbStatus> tcb_status_by_name(std::string_view name) noexcept;

// What two parts of one platform come to: the worse one, and a configuration that is needed is not
// forgotten for what is out of date.
[[nodiscard]] TSMFD_API TcbStatus worse(TcbStatus one, TcbStatus other) noexcept;

} // namespace tsmfd
