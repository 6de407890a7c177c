// SPDX-License-Identifier: MIT
//
// Text that came from outside, fit for a terminal, a log and JSON: what is not printable ASCII
// becomes '?', so that neither escape sequences nor bytes that are no UTF-8 are left.
//
//     printable("\x1b[2J")     "?[2J"
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace tsmfd {

[[nodiscard]] inline std::string printable(std::string_view text) noexcept {
    std::string out(text);
    std::ranges::replace_if(
        out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return out;
}
[[nodiscard]] inline std::string printable(ByteSpan text) noexcept {
    return printable(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()));
}

} // namespace tsmfd
