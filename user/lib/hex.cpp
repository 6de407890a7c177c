// SPDX-License-Identifier: MIT
#include <tsmfd/hex.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

// The digit's value, or -1.
constexpr int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

void append_hex(std::string& to, ByteSpan bytes) noexcept {
    std::size_t at = to.size();
    to.resize(at + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        to[at++] = digits[byte >> 4];
        to[at++] = digits[byte & 0x0f];
    }
}

std::string to_hex(ByteSpan bytes) noexcept {
    std::string text;
    append_hex(text, bytes);
    return text;
}

Result<std::vector<std::uint8_t>> from_hex(std::string_view text) noexcept {
    if (text.size() % 2 != 0)
        return fail(fmt::format("hex text of {} digits, an odd number", text.size()), EINVAL);

    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i]);
        const int low = digit_value(text[i + 1]);
        if (high < 0 || low < 0) {
            const std::size_t at = high < 0 ? i : i + 1;
            return fail(fmt::format("hex text with no digit at {}", at), EINVAL);
        }
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

} // namespace tsmfd
