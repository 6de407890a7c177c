// SPDX-License-Identifier: MIT
//
// What the kernel calls a provider's device.
//
//     device_name(0)        "tsmfd0"
//     device_path(0)        "/dev/tsmfd0"
//     device_directory(0)   "/sys/class/tsmfd/tsmfd0"
#pragma once

#include <string>
#include <string_view>

namespace tsmfd {

// The class of the devices, and how the name of each begins.
inline constexpr std::string_view class_name = "tsmfd";

inline std::string class_directory() {
    return "/sys/class/" + std::string(class_name);
}

inline std::string device_name(unsigned index) {
    return std::string(class_name) + std::to_string(index);
}

inline std::string device_path(unsigned index) {
    return "/dev/" + device_name(index);
}

inline std::string device_directory(unsigned index) {
    return class_directory() + "/" + device_name(index);
}

} // namespace tsmfd
