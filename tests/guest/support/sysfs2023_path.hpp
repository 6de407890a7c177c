// SPDX-License-Identifier: MIT
//
// The files that tsmfd_sysfs2023.ko has of an emulated firmware.
#pragma once

#include "sysfs2023.hpp"

#include <string>
#include <string_view>

namespace guest {

[[nodiscard]] inline std::string sysfs2023_path(unsigned instance, std::string_view name) {
    return stress::sysfs2023_directory(std::to_string(instance)).append("/").append(name);
}

} // namespace guest
