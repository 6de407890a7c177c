// SPDX-License-Identifier: MIT
//
// The cases that stock tsm.ko is known to fail: the only ones it may.
#pragma once

#include <span>
#include <string_view>

namespace conformance {

struct Weakness {
    std::string_view test;  // "Suite.Case"
    std::string_view where; // in Linux 6.12's drivers/virt/coco/tsm.c: line and what is there
    std::string_view what;  // comes of it
};

// Documentation/providers.rst has the same table, with what the drop-in does instead.
[[nodiscard]] std::span<const Weakness> stock_weaknesses();
// Null if there is none.
[[nodiscard]] const Weakness* stock_weakness(std::string_view test);

} // namespace conformance
