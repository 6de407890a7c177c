// SPDX-License-Identifier: MIT
#include <tsmfd/version.hpp>

namespace tsmfd {

std::string_view version() noexcept {
    return TSMFD_VERSION;
}

} // namespace tsmfd
