// SPDX-License-Identifier: MIT
//
// Which libtsmfd this is.
#pragma once

#include <tsmfd/export.hpp>

#include <string_view>

namespace tsmfd {

// "0.2.0"
[[nodiscard]] TSMFD_API std::string_view version() noexcept;

} // namespace tsmfd
