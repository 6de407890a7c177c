// SPDX-License-Identifier: MIT
//
// What tsm-firmware emulates: a profile's firmware, with the platform that it is of. The same in
// every run: certificates are made for it once.
//
//     const auto firmware = make_firmware({.profile = "tdx", .state = "/var/lib/tsm-firmware"});
//
// Threads: functions of their arguments.
#pragma once

#include "authority.hpp"
#include "firmware.hpp"

#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace firmware {

struct Profile {
    std::string profile = "snp"; // or "tdx"
    std::string state;           // directory
    Product product = Product::milan;
    bool vlek = false;
    std::uint32_t version = 3; // of ATTESTATION_REPORT
    std::optional<std::array<std::uint8_t, 48>> measurement{};
    bool debug = false;
};

// EINVAL for a Turin's report of version 2, which there is not; and the errors of the directory.
[[nodiscard]] tsmfd::Result<std::unique_ptr<Firmware>> make_firmware(const Profile& profile);

} // namespace firmware
