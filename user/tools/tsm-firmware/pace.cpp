// SPDX-License-Identifier: MIT
#include "pace.hpp"

#include <algorithm>
#include <thread>

namespace firmware {

using namespace std::chrono_literals;

void Pace::wait() {
    const auto now = Clock::now();
    auto due = now + settings_.latency;
    if (settings_.rate > 0) {
        const auto step = std::chrono::duration_cast<Clock::duration>(1s) / settings_.rate;
        const auto earliest = now.time_since_epoch().count();
        Clock::rep place = next_.load();
        while (!next_.compare_exchange_weak(place, std::max(place, earliest) + step.count())) {
        }
        due = std::max(due, Clock::time_point(Clock::duration(std::max(place, earliest))));
    }
    if (due > now)
        std::this_thread::sleep_until(due);
}

void Pace::throttle() {
    throttled_until_ = (Clock::now() + 2s).time_since_epoch().count();
}

bool Pace::is_throttled() const {
    return Clock::now().time_since_epoch().count() < throttled_until_;
}

} // namespace firmware
