// SPDX-License-Identifier: MIT
//
// How messages are put together: bytes at the end of others, numbers big-endian. Reader takes
// them apart again. Not part of the library's interface.
//
//     append(message, nonce);
//     append_sized(message, text("root"));     // its size in 4 bytes, then itself
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace tsmfd {

// The characters of a text as bytes.
inline ByteSpan text(std::string_view characters) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    return {reinterpret_cast<const std::uint8_t*>(characters.data()), characters.size()};
}

// To Bytes or to a Secret.
void append(auto& to, ByteSpan bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_be(auto& to, std::unsigned_integral auto number) {
    for (std::size_t i = sizeof(number); i-- > 0;)
        to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void append_sized(auto& to, ByteSpan bytes) {
    append_be(to, static_cast<std::uint32_t>(bytes.size()));
    append(to, bytes);
}

} // namespace tsmfd
