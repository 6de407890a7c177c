// SPDX-License-Identifier: MIT
//
// quota_bytes: a request counts with the longest answer that it may get, and once it is answered
// with what it got.
#include "firmware.hpp"
#include "support/one_shot.hpp"
#include "support/outcome.hpp"
#include "support/users.hpp"

#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace {

using namespace guest;

constexpr std::uint32_t outblob_max = 64 * 1024;
constexpr std::size_t outblob_size = 32'000;
// Room for three that have been answered and one that has not been, and for what the kernel needs
// besides; but neither for four and one, nor for three of the longest.
constexpr std::uint64_t quota_bytes = 175'000;
constexpr std::size_t fit = 3;

class QuotaBytes : public testing::Test {
protected:
    UniqueFd answered() {
        UniqueFd fd = open_device(firmware_.index(), O_NONBLOCK);
        set(fd.get(), ask());
        pollfd polled{.fd = fd.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&polled, 1, 10'000), 1);
        EXPECT_EQ(polled.revents, POLLIN);
        return fd;
    }

    Outcome one_more() {
        const UniqueFd fd = open_device(firmware_.index());
        const Unprivileged now;
        OneShot shot(ask(), outblob_max);
        shot.req.timeout_ms = 10'000;
        return shot.call(fd.get());
    }

    Parameter limit_{"quota_bytes", quota_bytes};
    Firmware firmware_{{.name = "long", .outblob_max = outblob_max},
                       [](const tsmfd::ProxyRequest&) { return Bytes(outblob_size); }};
};

TEST_F(QuotaBytes, CountAnAnsweredReportWithItsLength) {
    std::vector<UniqueFd> held;
    while (held.size() < fit) {
        held.push_back(answered());
        EXPECT_EQ(one_more(), gives(0)) << "beside " << held.size() << " unread reports";
    }
    held.push_back(answered());
    EXPECT_EQ(one_more(), fails(EDQUOT)) << "beside " << held.size() << " unread reports";
}

TEST_F(QuotaBytes, AreFreeAgainOnceAReportHasBeenReadToItsEnd) {
    std::vector<UniqueFd> held;
    while (held.size() < fit + 1)
        held.push_back(answered());
    EXPECT_EQ(one_more(), fails(EDQUOT));
    Bytes some(outblob_size - 1);
    EXPECT_EQ(get(held[1].get(), some), gives(some.size()));
    EXPECT_EQ(one_more(), fails(EDQUOT)) << "a byte of it is left";
    EXPECT_EQ(read_to_end(held[1].get()).size(), 1U);
    EXPECT_EQ(one_more(), gives(0));
}

TEST_F(QuotaBytes, CountAFailureWithNoAnswer) {
    const tsmfd::Proxy failing =
        tsmfd::Proxy::make({.name = "fails", .outblob_max = outblob_max, .blocking = false})
            .value();
    std::vector<UniqueFd> held;
    for (int i = 0; i < 5; ++i) {
        held.push_back(open_device(failing.index(), O_NONBLOCK));
        begin(held.back().get(), ask());
        pollfd firmware{.fd = failing.fd(), .events = POLLIN, .revents = 0};
        ASSERT_EQ(::poll(&firmware, 1, 10'000), 1);
        ASSERT_TRUE(failing.refuse(failing.next().value()->id, EIO));
        pollfd polled{.fd = held.back().get(), .events = POLLIN, .revents = 0};
        ASSERT_EQ(::poll(&polled, 1, 10'000), 1);
        ASSERT_EQ(polled.revents, POLLIN | POLLERR);
    }
    UniqueFd fd = open_device(failing.index(), O_NONBLOCK);
    set(fd.get(), ask());
    Bytes buffer(16);
    const Unprivileged now;
    EXPECT_EQ(get(fd.get(), buffer), fails(EAGAIN)) << "there is room for it";
}

} // namespace
