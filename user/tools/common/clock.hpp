// SPDX-License-Identifier: MIT
//
// CLOCK_MONOTONIC in nanoseconds: one count for all processes of a run.
#pragma once

#include <cstdint>
#include <ctime>

namespace stress {

inline constexpr std::int64_t ns_per_second = 1'000'000'000;
inline constexpr std::int64_t ns_per_ms = 1'000'000;

inline std::int64_t now_ns() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * ns_per_second + time.tv_nsec;
}

// May return early, on a signal.
inline void sleep_until_ns(std::int64_t when) {
    const timespec time{.tv_sec = when / ns_per_second, .tv_nsec = when % ns_per_second};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

inline std::int64_t seconds_to_ns(double seconds) {
    return static_cast<std::int64_t>(seconds * static_cast<double>(ns_per_second));
}

} // namespace stress
