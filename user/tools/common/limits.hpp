// SPDX-License-Identifier: MIT
//
// What the system lets a process have.
#pragma once

#include <sys/resource.h>

namespace stress {

// As many open files as may be.
inline void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace stress
