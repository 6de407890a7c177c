// SPDX-License-Identifier: MIT
//
// Base64, of RFC 4648, section 4 or 5.
//
// Threads: a function of its argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmctl {

// Without spaces, and padded or not. Nothing for a text that is none, and for an empty one.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string text);

} // namespace tsmctl
