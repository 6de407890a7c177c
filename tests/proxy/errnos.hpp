// SPDX-License-Identifier: MIT
//
// Which errnos a firmware may answer with: all but those that would tell a caller something else
// than that the firmware failed. Documentation/abi.rst says what each of them would tell.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace guest {

inline constexpr std::array misleading_errnos = {EAGAIN, EINTR,  EINPROGRESS, EALREADY,   EMSGSIZE,
                                                 E2BIG,  EFAULT, EBADF,       ENOTTY,     EDQUOT,
                                                 ENODEV, ENOKEY, EKEYEXPIRED, EKEYREVOKED};

inline constexpr std::uint32_t kernels_first_errno = 512; // ERESTARTSYS
inline constexpr std::uint32_t kernels_last_errno = 1023;
inline constexpr std::uint32_t last_errno = 4095;

[[nodiscard]] constexpr bool is_firmwares_errno(std::uint32_t error) {
    const bool kernels = error >= kernels_first_errno && error <= kernels_last_errno;
    return error != 0 && error <= last_errno && !kernels &&
           std::ranges::find(misleading_errnos, static_cast<int>(error)) == misleading_errnos.end();
}

} // namespace guest
