// SPDX-License-Identifier: MIT
//
// What TpmPolicy has: see <tsmfd/evidence/tpm_verify.hpp>, which says what each member means. Not
// part of the library's interface.
#pragma once

#include <tsmfd/evidence/tpm_verify.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd {

struct TSMFD_API TpmPolicy::Members {
    using Bytes = std::vector<std::uint8_t>;

    std::optional<Bytes> challenge;
    std::vector<Bytes> keys;
    std::vector<Bytes> key_names;
    std::optional<Bytes> event_log;
    std::vector<ExpectedPcr> pcrs;
    std::vector<ExpectedEvent> events;
    bool any_measurement = false;
};

} // namespace tsmfd
