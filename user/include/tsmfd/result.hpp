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

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

namespace tsmfd {

// "ENODEV" for ENODEV, "errno 4711" for a number that has no name.
[[nodiscard]] inline std::string errno_name(int code) noexcept {
    const char* name = ::strerrorname_np(code);
    return name != nullptr ? std::string(name) : "errno " + std::to_string(code);
}

struct Error {
    std::string what; // what was asked of what: "open /dev/tsmfd0"
    int code = 0;     // an errno; EBADMSG for bytes that are not what they should be

    // "open /dev/tsmfd0: No such file or directory"
    [[nodiscard]] std::string message() const noexcept {
        // Unlike strerror(), the _np functions are safe in threads and know no locale.
        const char* text = ::strerrordesc_np(code);
        return what + ": " + (text != nullptr ? std::string(text) : errno_name(code));
    }
};

template <typename T>
using Result = std::expected<T, Error>;

// return fail("open /dev/tsmfd0", errno);
[[nodiscard]] inline std::unexpected<Error> fail(std::string what, int code) {
    return std::unexpected<Error>(Error{std::move(what), code});
}

} // namespace tsmfd
