// SPDX-License-Identifier: MIT
//
// The interfaces of the kernel that one report can be had through.
//
//     Result<Blobs> blobs = ask(Via::key, 0, options);    // of /dev/tsmfd0
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmctl {

enum class Via { chardev, key, sysfs, configfs };

struct Blobs {
    std::vector<std::uint8_t> outblob;
    std::vector<std::uint8_t> auxblob;
    std::vector<std::uint8_t> manifestblob;
    std::vector<std::uint8_t> proof;         // of a batch
    std::optional<std::uint64_t> generation; // where the interface tells
};

tsmfd::Result<Blobs> ask(Via via, unsigned index, const tsmfd::Options& options);

} // namespace tsmctl
