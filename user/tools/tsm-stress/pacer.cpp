// SPDX-License-Identifier: MIT
#include "pacer.hpp"

#include "clock.hpp"

#include <limits>

namespace stress {

namespace {

// Half, so that a sum with a time does not overflow.
constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max() / 2;
constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

} // namespace

Pacer::Pacer(const Settings& settings, Control& control, std::uint32_t caller)
    : control_(control), reports_(settings.reports.value_or(unlimited)),
      length_ns_(settings.seconds ? seconds_to_ns(*settings.seconds) : forever),
      rate_(settings.rate.value_or(0)), next_(caller), callers_(settings.threads) {}

void Pacer::begin(std::int64_t start) {
    start_ = start;
    end_ = length_ns_ == forever ? forever : start + length_ns_;
}

bool Pacer::ended(std::int64_t now) const {
    return now >= end_ || control_.stop.load(std::memory_order_relaxed);
}

Turn Pacer::turn(std::int64_t now) {
    if (control_.stop.load(std::memory_order_relaxed))
        return {Turn::Kind::over, now};
    return rate_ > 0 ? open_turn(now) : closed_turn(now);
}

Turn Pacer::closed_turn(std::int64_t now) {
    if (now >= end_)
        return {Turn::Kind::over, now};
    if (reports_ != unlimited &&
        control_.tickets.fetch_add(1, std::memory_order_relaxed) >= reports_)
        return {Turn::Kind::over, now};
    return {Turn::Kind::now, now};
}

Turn Pacer::open_turn(std::int64_t now) {
    const std::int64_t at = due(next_);
    if (next_ >= reports_ || at >= end_)
        return {Turn::Kind::over, now};
    if (now >= end_) {
        unsent_ = count_unsent();
        return {Turn::Kind::over, now};
    }
    if (at > now)
        return {Turn::Kind::later, at};
    next_ += callers_;
    return {Turn::Kind::now, at};
}

std::int64_t Pacer::due(std::uint64_t request) const {
    return start_ + seconds_to_ns(static_cast<double>(request) / rate_);
}

std::uint64_t Pacer::count_unsent() const {
    std::uint64_t count = 0;
    for (std::uint64_t request = next_; request < reports_ && due(request) < end_;
         request += callers_)
        ++count;
    return count;
}

} // namespace stress
