// SPDX-License-Identifier: MIT
//
// What a provider is and takes.
//
//     Result<ProviderInfo> info = device.info();        // or Netlink::providers()
//     info->name                                        "tsmfd_emu"
//     info->gives(Format::extended)
//
// Threads: a value.
#pragma once

#include <tsmfd/options.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include <linux/tsmfd.h>

namespace tsmfd {

struct ProviderInfo {
    std::string name;        // tells its blobs' format: "tsmfd_emu", "tsmfd_tpm", ...
    std::uint32_t index = 0; // N of /dev/tsmfdN
    std::uint32_t features = 0;
    std::uint32_t privlevel_floor = 0; // the lowest it accepts
    std::uint32_t privlevel_max = 0;
    std::uint32_t formats = 0;    // a bit for each Format
    std::uint32_t inblob_min = 0; // bytes of the shortest inblob it takes, as the next four
    std::uint32_t inblob_max = 0;
    std::uint32_t outblob_max = 0;
    std::uint32_t auxblob_max = 0;
    std::uint32_t manifestblob_max = 0;
    std::uint32_t max_inflight = 0; // calls that its firmware takes at once

    [[nodiscard]] bool has_privlevels() const { return (features & TSMFD_FEATURE_PRIVLEVEL) != 0; }
    [[nodiscard]] bool has_service() const { return (features & TSMFD_FEATURE_SERVICE) != 0; }
    [[nodiscard]] bool gives(Format format) const {
        return (formats & 1U << std::to_underlying(format)) != 0;
    }

    bool operator==(const ProviderInfo&) const = default;
};

} // namespace tsmfd
