// SPDX-License-Identifier: MIT
//
// Where tsmfd_sysfs2023.ko has its files: the one place that knows. Class and names are those of
// the proposal of 2023, not those of <tsmfd/names.hpp>.
//
//     files::write_file(sysfs2023_directory("0") + "/inhex", digits.data(), digits.size());
#pragma once

#include <string>
#include <string_view>

#include <unistd.h>

namespace stress {

// Of the provider with this number, without a slash at the end. The module has class tsm, as was
// proposed, unless the kernel has one of that name itself.
inline std::string sysfs2023_directory(std::string_view number) {
    const char* own = "/sys/class/tsmfd2023";
    const bool has_own = ::access(own, F_OK) == 0;
    return std::string(has_own ? own : "/sys/class/tsm").append("/tsm").append(number);
}

} // namespace stress
