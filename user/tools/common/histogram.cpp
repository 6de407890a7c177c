// SPDX-License-Identifier: MIT
#include "histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace stress {

// A value of at most sub_bits + 1 bits is its own bucket. Of a longer one the leading
// sub_bits + 1 bits count, and how far they were shifted says which run of 128 they are in.
std::size_t Histogram::bucket_of(std::uint64_t ns) {
    constexpr std::uint64_t limit = (std::uint64_t{1} << max_bits) - 1;
    const std::uint64_t value = std::min(ns, limit);
    const auto bits = static_cast<std::size_t>(std::bit_width(value));
    const std::size_t shift = std::max<std::size_t>(bits, sub_bits + 1) - (sub_bits + 1);
    return (shift << sub_bits) + (value >> shift);
}

std::uint64_t Histogram::middle_of(std::size_t bucket) {
    constexpr std::size_t run = std::size_t{1} << sub_bits;
    if (bucket < 2 * run)
        return bucket;
    const std::size_t shift = bucket / run - 1;
    const std::uint64_t lowest = std::uint64_t{bucket % run + run} << shift;
    return lowest + (std::uint64_t{1} << shift) / 2;
}

void Histogram::record(std::uint64_t ns) {
    ++counts_[bucket_of(ns)];
    ++count_;
    sum_ += ns;
    max_ = std::max(max_, ns);
}

void Histogram::merge(const Histogram& other) {
    // Most are empty, and those in shared memory may not even have a page yet.
    if (other.count_ == 0)
        return;
    for (std::size_t i = 0; i < buckets; ++i)
        counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

double Histogram::mean() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double percent) const {
    if (count_ == 0)
        return 0;
    const double exact_rank = std::ceil(percent / 100.0 * static_cast<double>(count_));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact_rank), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        seen += counts_[i];
        if (seen >= rank)
            return std::min(middle_of(i), max_);
    }
    return max_;
}

} // namespace stress
