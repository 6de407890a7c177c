// SPDX-License-Identifier: MIT
//
// What holds of every input; libFuzzer keeps one of which it does not.
#pragma once

#include <cstdlib>

inline void check(bool holds) {
    if (!holds)
        std::abort();
}
