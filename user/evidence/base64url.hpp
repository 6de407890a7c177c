// SPDX-License-Identifier: MIT
//
// Base64 as JWKs have it: RFC 4648, section 5, without padding (RFC 7515, section 2). Not part of
// the library's interface.
//
// Threads: a function of its argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tsmfd {

// Nothing for a text of another alphabet or length, and for one whose last bits are not zero: each
// bytes have one text.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

} // namespace tsmfd
