// SPDX-License-Identifier: MIT
//
// Files that are read whole.
//
//     const auto pem = read_file("broker.pub");
//     const auto key = read_private("root.key");      // refused if others may read it
//
// Threads: functions of their arguments.
#pragma once

#include "secret.hpp"

#include <tsmfd/result.hpp>

#include <string>

namespace keybroker {

inline constexpr std::size_t file_max = std::size_t{1} << 20;

// EFBIG above file_max.
[[nodiscard]] tsmfd::Result<Bytes> read_file(const std::string& path);
// EACCES if group or others may read or write it.
[[nodiscard]] tsmfd::Result<Secret> read_private(const std::string& path);

} // namespace keybroker
