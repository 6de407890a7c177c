// SPDX-License-Identifier: MIT
#include <tsmfd/printable.hpp>

#include <algorithm>

namespace tsmfd {

std::string printable(std::string_view text) noexcept {
    std::string out(text);
    std::ranges::replace_if(
        out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return out;
}

} // namespace tsmfd
