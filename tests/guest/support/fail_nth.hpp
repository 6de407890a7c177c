// SPDX-License-Identifier: MIT
//
// The kernel's fault injection: of the calling thread's allocations, the nth fails.
//
//     if (!can_run_short())
//         GTEST_SKIP();
//     run_short_of_everything();
//     FailNth fail(nth);
//     const Outcome outcome = get(fd, buffer);
//     if (fail.has_failed()) ...
#pragma once

#include <tsmfd/unique_fd.hpp>

namespace guest {

// Only the debug kernel has it.
[[nodiscard]] bool can_run_short();

// Has every kind of allocation fail, small, large, and whether or not it may wait; throws. It
// stays so, and does nothing as long as no thread has a FailNth.
void run_short_of_everything();

// This thread's, from when it is made until it is asked.
class FailNth {
public:
    explicit FailNth(unsigned nth);

    // Stops it. Has something failed?
    [[nodiscard]] bool has_failed();

private:
    void stop();

    tsmfd::UniqueFd fd_;
};

} // namespace guest
