// SPDX-License-Identifier: MIT
//
// What tsm-stress holds the kernel's counters against.
#include "counters.hpp"

#include <gtest/gtest.h>

namespace {

using stress::Board;
using stress::CounterCheck;
using stress::FaceCount;
using stress::FaceKind;
using stress::Settings;

TEST(Counters, AreSummedByTheKernelsFaces) {
    Settings settings;
    settings.face = FaceKind::mixed;
    settings.dealt = {FaceKind::chardev, FaceKind::key, FaceKind::nonblock};
    Board board = Board::make(6).value();
    for (std::uint32_t caller = 0; caller < 6; ++caller) {
        stress::Tally& tally = board.tally(caller);
        tally.submitted = 10 + caller;
        tally.ok = 5;
        tally.mixed_up = 1; // a report too, to the kernel
        tally.abandoned = caller == 2 ? 2 : 0;
        tally.failed = 99; // also of calls that never came to a request
    }
    const auto counts = stress::count_of(settings, board);
    EXPECT_EQ(counts[0], (FaceCount{10 + 12 + 13 + 15, 24, 24, 2})); // chardev, nonblock
    EXPECT_EQ(counts[1], (FaceCount{11 + 14, 12, 13, 0}));           // key
    EXPECT_EQ(counts[2], FaceCount{});
    EXPECT_EQ(counts[3], FaceCount{});
}

TEST(Counters, AreEqualInEveryNumberOrNotAtAll) {
    const CounterCheck good{.callers = {}, .kernel = {}, .at_rest = true, .latencies_sum = true};
    EXPECT_TRUE(good.equal());
    for (std::uint64_t FaceCount::*number :
         {&FaceCount::requests, &FaceCount::reports, &FaceCount::failures, &FaceCount::cancelled}) {
        CounterCheck bad = good;
        bad.kernel[1].*number = 1;
        EXPECT_FALSE(bad.equal());
        EXPECT_NE(bad.text().find("NOT EQUAL; key"), std::string::npos) << bad.text();
    }
    CounterCheck moving = good;
    moving.at_rest = false;
    EXPECT_FALSE(moving.equal());
    CounterCheck histogram = good;
    histogram.latencies_sum = false;
    EXPECT_FALSE(histogram.equal());
}

} // namespace
