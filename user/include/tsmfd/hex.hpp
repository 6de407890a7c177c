// SPDX-License-Identifier: MIT
//
// Hexadecimal text, as the options of /dev/tsmfdN and the 2023 sysfs ABI take it.
//
//     to_hex(nonce)          "00ff10..."
//     from_hex("00ff10")     {0x00, 0xff, 0x10}; upper case is taken too
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

// The digit's value, or -1.
[[nodiscard]] constexpr int hex_digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Appends, so that a caller in a loop keeps its buffer.
inline void append_hex(std::string& to, ByteSpan bytes) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    std::size_t at = to.size();
    to.resize(at + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        to[at++] = digits[byte >> 4];
        to[at++] = digits[byte & 0x0f];
    }
}

[[nodiscard]] inline std::string to_hex(ByteSpan bytes) noexcept {
    std::string text;
    append_hex(text, bytes);
    return text;
}

// EINVAL for an odd number of digits or for a character that is no digit.
[[nodiscard]] inline Result<std::vector<std::uint8_t>> from_hex(std::string_view text) noexcept {
    if (text.size() % 2 != 0)
        return fail("hex text of " + std::to_string(text.size()) + " digits, an odd number",
                    EINVAL);

    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit_value(text[i]);
        const int low = hex_digit_value(text[i + 1]);
        if (high < 0 || low < 0)
            return fail("hex text with no digit at " + std::to_string(high < 0 ? i : i + 1),
                        EINVAL);
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

} // namespace tsmfd
