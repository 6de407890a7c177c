// SPDX-License-Identifier: MIT
//
// Reports of 16 MiB, which is what drivers of configfs-tsm announce since Linux 7.0: they come
// whole, nobody is charged for one before he has it, and who would have too much gets an errno.
#include "firmware.hpp"
#include "support/one_shot.hpp"
#include "support/outcome.hpp"
#include "support/users.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace {

using namespace guest;

constexpr std::uint32_t longest = 16U << 20;
constexpr int patience_ms = 30'000;

// No two pages of it are alike.
Bytes of_size(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i ^ (i >> 8) ^ (i >> 16));
    return bytes;
}

class LongReport : public testing::Test {
protected:
    [[nodiscard]] Outcome one_shot(OneShot& shot) const {
        const UniqueFd fd = open_device(firmware_.index());
        shot.req.timeout_ms = patience_ms;
        return shot.call(fd.get());
    }

    [[nodiscard]] Outcome one_of_a_user() const {
        const UniqueFd fd = open_device(firmware_.index());
        const Unprivileged now;
        OneShot shot(ask(), longest);
        shot.req.timeout_ms = patience_ms;
        return shot.call(fd.get());
    }

    std::atomic<std::size_t> size_ = longest;
    Firmware firmware_{{.name = "longest", .outblob_max = longest},
                       [this](const tsmfd::ProxyRequest&) { return of_size(size_); }};
};

TEST_F(LongReport, IsReadWhole) {
    const UniqueFd fd = open_device(firmware_.index());
    set(fd.get(), ask());
    EXPECT_TRUE(std::ranges::equal(read_to_end(fd.get()), of_size(longest)));
}

TEST_F(LongReport, ComesWholeThroughTheIoctl) {
    OneShot shot(ask(), longest);
    ASSERT_EQ(one_shot(shot), gives(0));
    EXPECT_TRUE(std::ranges::equal(shot.outblob(), of_size(longest)));
    EXPECT_TRUE(shot.untouched_outside());
}

TEST_F(LongReport, IsRefusedToWhoWouldHaveTooMuchAndThenHasNothing) {
    const Parameter limit("quota_bytes", 4'000'000);
    size_ = 5'000'000;
    EXPECT_EQ(one_of_a_user(), fails(EDQUOT));
    size_ = 3'000'000;
    EXPECT_EQ(one_of_a_user(), gives(0)) << "what was refused still counts";
}

TEST_F(LongReport, IsForWhoIsPrivilegedWhateverTheQuota) {
    const Parameter limit("quota_bytes", 4'000'000);
    OneShot shot(ask(), longest);
    EXPECT_EQ(one_shot(shot), gives(0));
}

// The quota, 256 MiB, is that of five reports with three blobs of the longest.
TEST(LongReports, AreNotChargedToManyWhoWait) {
    const tsmfd::Proxy silent = tsmfd::Proxy::make({.name = "silent",
                                                    .extended = true,
                                                    .outblob_max = longest,
                                                    .auxblob_max = longest,
                                                    .manifestblob_max = longest,
                                                    .blocking = false})
                                    .value();
    std::vector<UniqueFd> waiting;
    Bytes buffer(16);
    for (int i = 0; i < 500; ++i) {
        waiting.push_back(open_device(silent.index(), O_NONBLOCK));
        set(waiting.back().get(), ask(0, Format::extended));
        const Unprivileged now;
        ASSERT_EQ(get(waiting.back().get(), buffer), fails(EAGAIN)) << "the " << i << "th waits";
    }
}

} // namespace
