// SPDX-License-Identifier: MIT
#include <tsmfd/result.hpp>

#include <cstring>

namespace tsmfd {

std::string Error::message() const noexcept {
    // Unlike strerror(), the _np functions are safe in threads and know no locale.
    const char* text = ::strerrordesc_np(code);
    return what + ": " + (text != nullptr ? std::string(text) : errno_name(code));
}

std::string errno_name(int code) noexcept {
    const char* name = ::strerrorname_np(code);
    return name != nullptr ? std::string(name) : "errno " + std::to_string(code);
}

} // namespace tsmfd
