// SPDX-License-Identifier: MIT
//
// How this library says that something failed.
//
// A function that can fail returns Result<T>; its Error names what was asked of what, and carries
// errno. No exception leaves the library: all of it is noexcept, so that memory which cannot be had
// ends the program.
//
//     Result<Device> device = Device::open(0);
//     if (!device) {
//         fmt::print(stderr, "{}\n", device.error().message());
//         // open /dev/tsmfd0: No such file or directory
//         return 3;
//     }
#pragma once

#include <tsmfd/export.hpp>

#include <cerrno>
#include <expected>
#include <string>
#include <utility>

namespace tsmfd {

struct TSMFD_API Error {
    std::string what; // what was asked of what: "open /dev/tsmfd0"
    int code = 0;     // an errno; EBADMSG for bytes that are not what they should be

    // "open /dev/tsmfd0: No such file or directory"
    [[nodiscard]] std::string message() const noexcept;
};

template <typename T>
using Result = std::expected<T, Error>;

// return fail("open /dev/tsmfd0", errno);
[[nodiscard]] inline std::unexpected<Error> fail(std::string what, int code) {
    return std::unexpected<Error>(Error{std::move(what), code});
}

// "ENODEV" for ENODEV, "errno 4711" for a number that has no name.
TSMFD_API std::string errno_name(int code) noexcept;

} // namespace tsmfd
