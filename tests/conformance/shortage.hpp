// SPDX-License-Identifier: MIT
//
// Reads of an item that run short of memory, at each place where they can: the kernel's
// fail-nth (Documentation/fault-injection/fault-injection.rst) fails a task's Nth allocation.
//
// configfs reads a blob in two calls of tsm.ko and allocates in between, so that some of
// these reads end between the two.
#pragma once

#include <string>

namespace conformance {

struct Shortage {
    unsigned refused = 0; // reads in which something failed that ended with an errno
    std::string wrong;    // what should not have been; empty if nothing
};

// Where guest::can_run_short(): has the first allocation of a read fail, then the second and so on,
// until a read has no more. Behind each, other options are set and their report is read. Throws
// std::system_error where nothing was to fail.
[[nodiscard]] Shortage read_running_short();

} // namespace conformance
