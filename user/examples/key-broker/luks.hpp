// SPDX-License-Identifier: MIT
//
// A LUKS2 volume, opened as cryptsetup does it.
//
//     open_volume({.device = "/dev/vda", .name = "root"}, secret);      // /dev/mapper/root
//
// Threads: from one; libcryptsetup has state of its own.
#pragma once

#include "secret.hpp"

#include <tsmfd/result.hpp>

#include <string>

namespace keybroker {

struct Volume {
    std::string device;
    std::string name; // below /dev/mapper
    bool read_only = false;
};

// EPERM for a passphrase of no key slot.
[[nodiscard]] tsmfd::Result<void> open_volume(const Volume& volume, const Secret& passphrase);

} // namespace keybroker
