// SPDX-License-Identifier: MIT
//
// A firmware that comes back when it has crashed.
//
// Threads: from one, before there are others.
#pragma once

#include <tsmfd/result.hpp>

namespace firmware {

// Goes on in a child, and again in a new one whenever a signal has killed that; SIGINT and SIGTERM
// are passed on to it. The value, in the first process only, is what the last child exited with.
// In a child it is -1.
[[nodiscard]] tsmfd::Result<int> restart_when_killed();

} // namespace firmware
