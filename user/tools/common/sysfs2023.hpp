// SPDX-License-Identifier: MIT
//
// Where the sysfs interface proposed in 2023 is: the class and the names are that proposal's, not
// those of <tsmfd/names.hpp>.
#pragma once

#include <string>
#include <string_view>

namespace stress {

// Of the device with this number.
inline std::string sysfs2023_directory(std::string_view number) {
    return "/sys/class/tsm/tsm" + std::string(number);
}

} // namespace stress
