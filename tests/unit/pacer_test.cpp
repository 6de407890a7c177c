// SPDX-License-Identifier: MIT
#include <vector>

#include <clock.hpp>
#include <gtest/gtest.h>
#include <pacer.hpp>

namespace {

using stress::Control;
using stress::ns_per_ms;
using stress::ns_per_second;
using stress::Pacer;
using stress::Settings;
using stress::Turn;

constexpr std::int64_t start = 1000 * ns_per_second;

Pacer begun(const Settings& settings, Control& control, std::uint32_t caller = 0) {
    Pacer pacer(settings, control, caller);
    pacer.begin(start);
    return pacer;
}

TEST(ClosedLoop, GoesOnUntilItsSecondsAreOver) {
    Control control{};
    Settings settings;
    settings.seconds = 2;
    Pacer pacer = begun(settings, control);
    const Turn turn = pacer.turn(start + 5);
    EXPECT_EQ(turn.kind, Turn::Kind::now);
    EXPECT_EQ(turn.at, start + 5);
    EXPECT_EQ(pacer.turn(start + 2 * ns_per_second - 1).kind, Turn::Kind::now);
    EXPECT_EQ(pacer.turn(start + 2 * ns_per_second).kind, Turn::Kind::over);
}

TEST(ClosedLoop, SharesTheReportsAmongCallers) {
    Control control{};
    Settings settings;
    settings.reports = 5;
    settings.threads = 2;
    Pacer first = begun(settings, control, 0);
    Pacer second = begun(settings, control, 1);
    int turns = 0;
    for (int i = 0; i < 10; ++i) {
        turns += first.turn(start).kind == Turn::Kind::now ? 1 : 0;
        turns += second.turn(start).kind == Turn::Kind::now ? 1 : 0;
    }
    EXPECT_EQ(turns, 5);
}

TEST(Pacer, EndsWhenItIsStopped) {
    Control control{};
    Settings settings;
    Pacer closed = begun(settings, control);
    settings.rate = 10;
    Pacer open = begun(settings, control);
    EXPECT_EQ(closed.turn(start).kind, Turn::Kind::now);
    EXPECT_EQ(open.turn(start).kind, Turn::Kind::now);
    control.stop = true;
    EXPECT_EQ(closed.turn(start).kind, Turn::Kind::over);
    EXPECT_EQ(open.turn(start + ns_per_second).kind, Turn::Kind::over);
}

TEST(Pacer, SaysThatItEndedWithoutTakingATurn) {
    Control control{};
    Settings settings;
    settings.seconds = 1;
    settings.reports = 1;
    Pacer pacer = begun(settings, control);
    EXPECT_FALSE(pacer.ended(start));
    EXPECT_EQ(pacer.turn(start).kind, Turn::Kind::now);
    EXPECT_FALSE(pacer.ended(start + ns_per_second - 1));
    EXPECT_TRUE(pacer.ended(start + ns_per_second));
    control.stop = true;
    EXPECT_TRUE(pacer.ended(start));
}

TEST(OpenLoop, IsDueAtItsRateWhateverTheTime) {
    Control control{};
    Settings settings;
    settings.rate = 100; // one every 10 ms
    settings.seconds = 1;
    Pacer pacer = begun(settings, control);

    EXPECT_EQ(pacer.turn(start).at, start);
    const Turn early = pacer.turn(start + 3 * ns_per_ms);
    EXPECT_EQ(early.kind, Turn::Kind::later);
    EXPECT_EQ(early.at, start + 10 * ns_per_ms);

    // A stall of 35 ms: three requests are due at once, and count from when they were due.
    const std::int64_t late = start + 35 * ns_per_ms;
    for (const std::int64_t due : {10, 20, 30}) {
        const Turn turn = pacer.turn(late);
        EXPECT_EQ(turn.kind, Turn::Kind::now);
        EXPECT_EQ(turn.at, start + due * ns_per_ms);
    }
    EXPECT_EQ(pacer.turn(late).kind, Turn::Kind::later);
}

TEST(OpenLoop, IsDividedAmongCallers) {
    Control control{};
    Settings settings;
    settings.rate = 100;
    settings.reports = 7;
    settings.threads = 3;
    std::vector<std::int64_t> due;
    for (std::uint32_t caller = 0; caller < settings.threads; ++caller) {
        Pacer pacer = begun(settings, control, caller);
        for (;;) {
            const Turn turn = pacer.turn(start + ns_per_second);
            if (turn.kind == Turn::Kind::over)
                break;
            due.push_back((turn.at - start) / ns_per_ms);
        }
        EXPECT_EQ(pacer.unsent(), 0U);
    }
    EXPECT_EQ(due, (std::vector<std::int64_t>{0, 30, 60, 10, 40, 20, 50}));
}

TEST(OpenLoop, CountsWhatItCouldNotSend) {
    Control control{};
    Settings settings;
    settings.rate = 100;
    settings.seconds = 1;
    settings.threads = 2;
    Pacer pacer = begun(settings, control, 0); // 0, 20, ... 980 ms: 50 requests
    EXPECT_EQ(pacer.turn(start).kind, Turn::Kind::now);
    EXPECT_EQ(pacer.turn(start + ns_per_second).kind, Turn::Kind::over);
    EXPECT_EQ(pacer.unsent(), 49U);
}

} // namespace
