// SPDX-License-Identifier: MIT
//
// Files that are nobody else's to read.
//
//     const auto key = read_private("root.key");      // refused if others may read it
//
// Threads: a function of its argument.
#pragma once

#include "secret.hpp"

#include <tsmfd/result.hpp>

#include <string>

namespace keybroker {

inline constexpr std::size_t private_max = std::size_t{1} << 20;

// EACCES if group or others may read or write it, EFBIG above private_max.
[[nodiscard]] tsmfd::Result<Secret> read_private(const std::string& path);

} // namespace keybroker
