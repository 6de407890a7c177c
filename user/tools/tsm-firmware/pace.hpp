// SPDX-License-Identifier: MIT
//
// How fast an emulated firmware is.
//
//     Pace pace({.latency = 8ms, .rate = 100});
//     if (pace.is_throttled())        // refuse
//     pace.wait();                    // then answer
//
// Threads: any number at once.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace firmware {

struct PaceSettings {
    std::chrono::microseconds latency{0}; // before each answer
    std::uint32_t rate = 0;               // answers a second, of all threads; 0: any
};

class Pace {
public:
    explicit Pace(const PaceSettings& settings) : settings_(settings) {}

    // Until the answer is due.
    void wait();

    // From now on for 2 seconds, as long as SEV-SNP's firmware is busy for a guest that asked too
    // often.
    void throttle();
    [[nodiscard]] bool is_throttled() const;

private:
    using Clock = std::chrono::steady_clock;

    PaceSettings settings_;
    std::atomic<Clock::rep> next_ = 0; // when the next answer may be
    std::atomic<Clock::rep> throttled_until_ = 0;
};

} // namespace firmware
