// SPDX-License-Identifier: MIT
//
// The rounds of tsmfd-removal-test. Each starts with tsmfd and tsmfd_sysfs2023 loaded and
// tsmfd_emu not, leaves it so, and throws for whatever is not as it should be.
#pragma once

#include "removal/callers.hpp"
#include "removal/modules.hpp"

#include <span>
#include <string_view>

namespace guest {

struct Modules {
    Module core;
    Module emulator;
    Module sysfs2023;
};

struct Round {
    std::string_view name;
    void (*run)(Modules& modules, Tally& tally);
};

// In turn they are run.
[[nodiscard]] std::span<const Round> rounds();

} // namespace guest
