// SPDX-License-Identifier: MIT
//
// Hexadecimal text, as the options of /dev/tsmfdN and the 2023 sysfs ABI take it.
//
//     to_hex(nonce)          "00ff10..."
//     from_hex("00ff10")     {0x00, 0xff, 0x10}; upper case is taken too
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

TSMFD_API std::string to_hex(ByteSpan bytes) noexcept;

// Appends, so that a caller in a loop keeps its buffer.
TSMFD_API void append_hex(std::string& to, ByteSpan bytes) noexcept;

// EINVAL for an odd number of digits or for a character that is no digit.
TSMFD_API Result<std::vector<std::uint8_t>> from_hex(std::string_view text) noexcept;

} // namespace tsmfd
