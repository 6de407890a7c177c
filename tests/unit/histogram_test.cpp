// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <histogram.hpp>

namespace {

using stress::Histogram;

// The nearest rank, of the values themselves.
std::uint64_t exact_percentile(std::vector<std::uint64_t> values, double percent) {
    std::ranges::sort(values);
    const double rank = std::ceil(percent / 100.0 * static_cast<double>(values.size()));
    return values[std::max<std::size_t>(static_cast<std::size_t>(rank), 1) - 1];
}

void expect_close(const Histogram& histogram, const std::vector<std::uint64_t>& values) {
    for (const double percent : {0.0, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
        const auto exact = static_cast<double>(exact_percentile(values, percent));
        const auto got = static_cast<double>(histogram.percentile(percent));
        EXPECT_LE(std::abs(got - exact), exact * 0.004) << percent;
    }
}

TEST(Histogram, IsEmptyAtFirst) {
    const Histogram histogram{};
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.percentile(50), 0U);
    EXPECT_EQ(histogram.max(), 0U);
    EXPECT_EQ(histogram.mean(), 0.0);
}

TEST(Histogram, IsExactForSmallValues) {
    Histogram histogram{};
    for (std::uint64_t value = 1; value <= 200; ++value)
        histogram.record(value);
    EXPECT_EQ(histogram.percentile(50), 100U);
    EXPECT_EQ(histogram.percentile(50.1), 101U);
    EXPECT_EQ(histogram.percentile(99), 198U);
    EXPECT_EQ(histogram.percentile(99.9), 200U);
    EXPECT_EQ(histogram.max(), 200U);
    EXPECT_EQ(histogram.mean(), 100.5);
}

TEST(Histogram, IsWithinItsErrorForEveryMagnitude) {
    for (int bits = 1; bits < 42; ++bits) {
        const std::uint64_t power = std::uint64_t{1} << bits;
        for (const std::uint64_t value :
             {power - 1, power, power + 1, power + power / 2, power + power / 3, 2 * power - 1}) {
            Histogram histogram{};
            histogram.record(value);
            histogram.record(value * 3); // so that the maximum does not correct it
            expect_close(histogram, {value, value * 3});
        }
    }
}

TEST(Histogram, IsCloseToTheExactPercentiles) {
    std::mt19937_64 random(42);
    std::lognormal_distribution<double> microseconds(3.0, 2.0);
    Histogram histogram{};
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 100'000; ++i) {
        values.push_back(static_cast<std::uint64_t>(1000 * microseconds(random)));
        histogram.record(values.back());
    }
    expect_close(histogram, values);
    EXPECT_EQ(histogram.max(), *std::ranges::max_element(values));
    EXPECT_EQ(histogram.count(), values.size());
}

TEST(Histogram, MergesAsIfItHadSeenAll) {
    std::mt19937_64 random(7);
    std::uniform_int_distribution<std::uint64_t> any(1, 1'000'000'000);
    Histogram all{};
    Histogram merged{};
    for (int part = 0; part < 4; ++part) {
        Histogram one{};
        for (int i = 0; i < 1000; ++i) {
            const std::uint64_t value = any(random);
            one.record(value);
            all.record(value);
        }
        merged.merge(one);
    }
    merged.merge(Histogram{});
    EXPECT_EQ(merged.count(), all.count());
    EXPECT_EQ(merged.max(), all.max());
    EXPECT_EQ(merged.mean(), all.mean());
    for (const double percent : {1.0, 50.0, 99.0, 99.9})
        EXPECT_EQ(merged.percentile(percent), all.percentile(percent));
}

TEST(Histogram, HoldsTheLongestWaits) {
    Histogram histogram{};
    histogram.record(UINT64_MAX);
    histogram.record(0);
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.percentile(50), 0U);
    EXPECT_EQ(histogram.max(), UINT64_MAX);
    EXPECT_GT(histogram.percentile(100), 17'000'000'000'000U);
}

} // namespace
