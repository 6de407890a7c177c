// SPDX-License-Identifier: MIT
#include <tsmfd/guid.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>

namespace tsmfd {

std::string Guid::text() const noexcept {
    std::string out = to_hex(bytes);
    for (const std::size_t at : {8U, 13U, 18U, 23U})
        out.insert(at, 1, '-');
    return out;
}

std::array<std::uint8_t, 16> Guid::as_guid_t() const noexcept {
    std::array<std::uint8_t, 16> out = bytes;
    std::reverse(out.begin(), out.begin() + 4);
    std::reverse(out.begin() + 4, out.begin() + 6);
    std::reverse(out.begin() + 6, out.begin() + 8);
    return out;
}

Result<Guid> Guid::parse(std::string_view text) noexcept {
    Guid guid;
    if (!guid.read(text))
        return fail("GUID '" + std::string(text) + "'", EINVAL);
    return guid;
}

} // namespace tsmfd
