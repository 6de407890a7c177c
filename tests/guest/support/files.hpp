// SPDX-License-Identifier: MIT
//
// Small files such as /sys and /proc have them.
//
// All throw std::system_error, which ends a test with its message.
#pragma once

#include "support/outcome.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace guest {

[[noreturn]] void throw_errno(const std::string& what, int error);

[[nodiscard]] tsmfd::UniqueFd open_file(const std::string& path, int flags);
[[nodiscard]] std::vector<std::uint8_t> read_bytes(const std::string& path);
// Without the newline at the end.
[[nodiscard]] std::string read_line(const std::string& path);
[[nodiscard]] std::uint64_t read_number(const std::string& path);
void write_file(const std::string& path, std::string_view text);

// What open, and then read or write, come to; these throw nothing.
[[nodiscard]] Outcome try_open(const std::string& path, int flags);
[[nodiscard]] Outcome try_read(const std::string& path);
[[nodiscard]] Outcome try_write(const std::string& path, std::string_view text);

} // namespace guest
