// SPDX-License-Identifier: MIT
//
// What a tool gives, to a file or to stdout.
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/result.hpp>

#include <string>

namespace stress {

// Without a name, or with the name -, to stdout.
[[nodiscard]] tsmfd::Result<void> write_out(const std::string& file, const std::string& bytes);

} // namespace stress
