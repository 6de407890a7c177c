// SPDX-License-Identifier: MIT
//
// What a system call came to.
//
//     EXPECT_EQ(put(fd, "privlevel=4"), fails(EINVAL));
//     EXPECT_EQ(get(fd, buffer), gives(1184));
#pragma once

#include <cerrno>
#include <concepts>
#include <iosfwd>

namespace guest {

struct Outcome {
    long value = 0; // as returned, or minus errno

    [[nodiscard]] bool ok() const { return value >= 0; }
    bool operator==(const Outcome&) const = default;
};

// "1184" or "EINVAL"
std::ostream& operator<<(std::ostream& to, const Outcome& outcome);

[[nodiscard]] inline Outcome outcome_of(long returned) {
    return {returned < 0 ? -errno : returned};
}

[[nodiscard]] constexpr Outcome gives(std::integral auto value) {
    return {static_cast<long>(value)};
}

[[nodiscard]] constexpr Outcome fails(int error) {
    return {-error};
}

} // namespace guest
