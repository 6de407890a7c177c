// SPDX-License-Identifier: MIT
//
// Where tsmfd_sysfs2023.ko has its files: the one place that knows.
//
//     write_file(sysfs2023_directory(0) + "/inhex", digits.data(), digits.size());
#pragma once

#include <string>

#include <unistd.h>

namespace stress {

// Of provider N, without a slash at the end. The module has class tsm, as the proposal of 2023
// had, unless the kernel has one of that name itself.
inline std::string sysfs2023_directory(unsigned provider) {
    const std::string own = "/sys/class/tsmfd2023";
    const bool has_own = ::access(own.c_str(), F_OK) == 0;
    return (has_own ? own : "/sys/class/tsm") + "/tsm" + std::to_string(provider);
}

} // namespace stress
