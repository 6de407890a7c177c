// SPDX-License-Identifier: MIT
//
// What is part of libtsmfd's interface.
//
// The library is built with all symbols hidden but those marked with this, and lib/tsmfd.map gives
// these a version.
#pragma once

#define TSMFD_API __attribute__((visibility("default")))
