// SPDX-License-Identifier: MIT
//
// AsyncDevice: one thread that holds many reports under epoll.
#include "support.hpp"
#include "support/emulator.hpp"
#include "support/files.hpp"
#include "support/test.hpp"

#include <tsmfd/async_device.hpp>

#include <array>
#include <cerrno>
#include <vector>

#include <poll.h>
#include <sys/epoll.h>

namespace {

using namespace guest;
using tsmfd::AsyncDevice;

constexpr int patience_ms = 60'000;

class AsyncDeviceTest : public GuestTest {
protected:
    static AsyncDevice open(unsigned instance = plain) {
        return AsyncDevice::open(instance).value();
    }
    static bool becomes_readable(const AsyncDevice& device) {
        pollfd polled{.fd = device.fd(), .events = POLLIN, .revents = 0};
        return ::poll(&polled, 1, patience_ms) == 1 && (polled.revents & POLLIN) != 0;
    }
};

TEST_F(AsyncDeviceTest, GivesTheReportOnceItIsThere) {
    AsyncDevice device = open();
    Hang hang(plain);
    const Options asked = ask(2, Format::extended);
    ASSERT_TRUE(device.start(asked));
    EXPECT_TRUE(device.waiting());
    auto stream = device.take();
    ASSERT_TRUE(stream) << stream.error().message();
    EXPECT_FALSE(*stream);
    EXPECT_TRUE(device.waiting());

    hang.end();
    ASSERT_TRUE(becomes_readable(device));
    stream = device.take();
    ASSERT_TRUE(stream && *stream);
    EXPECT_TRUE(answers(asked, **stream));
    EXPECT_FALSE(device.waiting());
}

TEST_F(AsyncDeviceTest, HasNothingToTakeWhereNothingWasStarted) {
    AsyncDevice device = open();
    EXPECT_EQ(device.take().error().code, EINVAL);
    const Options asked = ask();
    ASSERT_TRUE(device.start(asked));
    ASSERT_TRUE(becomes_readable(device));
    ASSERT_TRUE(device.take());
    EXPECT_EQ(device.take().error().code, EINVAL) << "a second time";
}

TEST_F(AsyncDeviceTest, StartingAnewGivesUpWhatWasStarted) {
    AsyncDevice device = open();
    Hang hang(plain);
    ASSERT_TRUE(device.start(ask(1)));
    const Options asked = ask(3, Format::extended);
    ASSERT_TRUE(device.start(asked));
    hang.end();
    ASSERT_TRUE(becomes_readable(device));
    const auto stream = device.take();
    ASSERT_TRUE(stream && *stream);
    EXPECT_TRUE(answers(asked, **stream));
}

TEST_F(AsyncDeviceTest, AnotherChallengeIsAskedWithTheSameOptions) {
    AsyncDevice device = open();
    Options asked = ask(2, Format::extended);
    ASSERT_TRUE(device.start(asked));
    ASSERT_TRUE(becomes_readable(device));
    ASSERT_TRUE(device.take());
    asked.inblob = ask(2, Format::extended, 5).inblob;
    ASSERT_TRUE(device.start(asked.inblob));
    EXPECT_TRUE(device.waiting());
    ASSERT_TRUE(becomes_readable(device));
    const auto stream = device.take();
    ASSERT_TRUE(stream && *stream);
    EXPECT_TRUE(answers(asked, **stream));
}

TEST_F(AsyncDeviceTest, ARefusedStartLeavesWhatWasStarted) {
    AsyncDevice device = open(floored);
    const Options asked = ask(floored_privlevel);
    ASSERT_TRUE(device.start(asked));
    EXPECT_EQ(device.start(ask(floored_privlevel - 1)).error().code, EINVAL);
    EXPECT_TRUE(device.waiting());
    ASSERT_TRUE(becomes_readable(device));
    const auto stream = device.take();
    ASSERT_TRUE(stream && *stream);
    EXPECT_TRUE(answers(asked, **stream));
}

TEST_F(AsyncDeviceTest, AFailureIsGivenOnceAndTheDeviceIsUsedAgain) {
    AsyncDevice device = open();
    {
        const Setting failures(plain, "fail_permille", 1000);
        ASSERT_TRUE(device.start(ask()));
        EXPECT_TRUE(becomes_readable(device));
        EXPECT_EQ(device.take().error().code, EIO);
        EXPECT_FALSE(device.waiting());
    }
    const Options asked = ask();
    ASSERT_TRUE(device.start(asked));
    ASSERT_TRUE(becomes_readable(device));
    const auto stream = device.take();
    ASSERT_TRUE(stream && *stream);
    EXPECT_TRUE(answers(asked, **stream));
}

// The use that it is for; with EPOLLET, as the header says.
TEST_F(AsyncDeviceTest, OneThreadHoldsManyUnderEpoll) {
    constexpr unsigned devices = 64;
    constexpr unsigned rounds = 5;
    const std::uint64_t calls = counter(wide, "calls");
    const tsmfd::UniqueFd epoll(::epoll_create1(0));
    std::vector<AsyncDevice> held;
    std::vector<Options> asked(devices);
    for (unsigned i = 0; i < devices; ++i) {
        held.push_back(open(wide));
        epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u32 = i}};
        ASSERT_EQ(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, held[i].fd(), &event), 0);
    }

    const Setting latency(wide, "latency_us", 1000);
    std::vector<unsigned> answered(devices);
    const auto start = [&](unsigned i) {
        asked[i] = ask(i % 4, i % 3 ? Format::plain : Format::extended);
        ASSERT_TRUE(held[i].start(asked[i]));
    };
    for (unsigned i = 0; i < devices; ++i)
        start(i);
    for (unsigned taken = 0; taken < devices * rounds;) {
        std::array<epoll_event, 16> events{};
        const int count = ::epoll_wait(epoll.get(), events.data(), events.size(), patience_ms);
        ASSERT_GT(count, 0) << taken << " taken";
        for (int e = 0; e < count; ++e) {
            const unsigned i = events[static_cast<unsigned>(e)].data.u32;
            if (!held[i].waiting())
                continue;
            const auto stream = held[i].take();
            ASSERT_TRUE(stream) << stream.error().message();
            if (!*stream)
                continue;
            EXPECT_TRUE(answers(asked[i], **stream));
            ++taken;
            if (++answered[i] < rounds)
                start(i);
        }
    }
    EXPECT_EQ(counter(wide, "calls") - calls, devices * rounds) << "no request but those started";
}

} // namespace
