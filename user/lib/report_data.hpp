// SPDX-License-Identifier: MIT
//
// What the verifiers of SEV-SNP and TDX have in common. Not part of the library's interface.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/verification.hpp>

#include <optional>
#include <string>

namespace tsmfd {

[[nodiscard]] bool is_zero(ByteSpan bytes);

// "challenge": `data` is it, with zeros behind it; without one, shows the data.
void check_report_data(Verification& to, ByteSpan data, std::optional<ByteSpan> challenge);

// "debug": off, or allowed.
void check_debug(Verification& to, bool debug, bool allowed);

// A measurement under its name: equal to what was expected; without that, shown.
void check_measurement(Verification& to, std::string name, ByteSpan is,
                       std::optional<ByteSpan> expected);

} // namespace tsmfd
