// SPDX-License-Identifier: MIT
//
// Latencies in fixed memory, after Gil Tene's HdrHistogram: each power of two is cut into 128
// equal buckets, so a value read back is within 0.4 % of one that was recorded. Below 256 ns it
// is exact; above 2^44 ns (4.9 hours) all is one.
//
//     histogram.record(end - start);
//     all.merge(histogram);
//     all.percentile(99.9)
//
// All zeros is an empty histogram, so shared memory fresh from mmap(2) holds one.
//
// Threads: one writes; reading meanwhile gives an older state of some buckets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace stress {

class Histogram {
public:
    void record(std::uint64_t ns);
    void merge(const Histogram& other);

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t max() const { return max_; } // exact
    [[nodiscard]] double mean() const;                       // exact
    // The smallest value that `percent` of all are not above (the nearest rank); 0 if empty.
    [[nodiscard]] std::uint64_t percentile(double percent) const;

private:
    static constexpr unsigned sub_bits = 7;
    static constexpr unsigned max_bits = 44;
    static constexpr std::size_t buckets = (std::size_t{max_bits - sub_bits + 1}) << sub_bits;

    static std::size_t bucket_of(std::uint64_t ns);
    static std::uint64_t middle_of(std::size_t bucket);

    std::uint64_t count_;
    std::uint64_t sum_;
    std::uint64_t max_;
    std::array<std::uint64_t, buckets> counts_;
};

} // namespace stress
