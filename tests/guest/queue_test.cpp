// SPDX-License-Identifier: MIT
//
// Who is served when: calls at once, turns, instances side by side.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <fcntl.h>
#include <poll.h>

namespace guest {
namespace {

using Queue = GuestTest;

void ask_in_parallel(unsigned instance, unsigned threads, unsigned reports) {
    in_parallel(threads, [=](unsigned thread) {
        const UniqueFd fd = open_device(instance);
        for (unsigned i = 0; i < reports; ++i) {
            const Options asked = ask(2 + thread % 2);
            OneShot shot(asked);
            EXPECT_EQ(shot.call(fd.get()), gives(0));
            EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
        }
    });
}

TEST_F(Queue, OfSerialFirmwareNeverCallsItTwiceAtOnce) {
    for (const std::uint64_t latency_us : {0U, 1000U}) {
        const Setting latency(plain, "latency_us", latency_us);
        ask_in_parallel(plain, 16, 5);
    }
    EXPECT_EQ(counter(plain, "inflight_peak"), 1U);
    EXPECT_EQ(counter(plain, "overlap"), 0U);
}

TEST_F(Queue, OfWideFirmwareCallsItAsOftenAtOnceAsItTakes) {
    const Setting latency(wide, "latency_us", 10'000);
    ask_in_parallel(wide, 16, 3);
    EXPECT_EQ(counter(wide, "inflight_peak"), wide_calls);
    EXPECT_EQ(counter(wide, "overlap"), 0U);
}

TEST_F(Queue, WhileSettingsChangeBetweenFastAndSlowServesEveryone) {
    std::atomic<bool> stop = false;
    std::jthread changer([&] {
        Setting latency(plain, "latency_us", 0);
        for (std::uint64_t i = 0; !stop; ++i)
            latency.set(i % 2 * 300);
    });
    ask_in_parallel(plain, 8, 20);
    stop = true;
}

TEST_F(Queue, OfAHangingInstanceDoesNotHoldUpAnother) {
    Hang hang(plain);
    const UniqueFd stuck = open_device(plain, O_NONBLOCK);
    begin(stuck.get(), ask());
    const UniqueFd fd = open_device(other);
    const Options asked = ask(1);
    set(fd.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

TEST_F(Queue, GivesInstancesReportsOfTheirOwnAtTheSameTime) {
    const Setting plain_latency(plain, "latency_us", 1000);
    const Setting other_latency(other, "latency_us", 1500);
    in_parallel(8, [](unsigned number) {
        const unsigned instance = number % instances;
        const UniqueFd fd = open_device(instance);
        // The emulator writes the instance's number into the chip id.
        const std::string chip_id = "tsmfd_emu chip id " + std::to_string(instance);
        for (unsigned i = 0; i < 5; ++i) {
            const Options asked = ask(2, Format::extended);
            set(fd.get(), asked);
            const Bytes report = read_to_end(fd.get());
            ASSERT_TRUE(answers(asked, report));
            const ByteSpan field = ByteSpan(report).subspan(0x1a0, chip_id.size());
            EXPECT_TRUE(std::ranges::equal(field, chip_id)) << "of another instance";
        }
    });
}

// A flood of one file's requests, all of them waiting.
class Flood {
public:
    Flood(unsigned instance, unsigned size) : fd_(open_device(instance)) {
        for (unsigned i = 0; i < size; ++i)
            callers_.push_back(std::make_unique<Caller>([this] {
                OneShot shot(ask(1));
                return shot.call(fd_.get());
            }));
    }

    [[nodiscard]] bool waits() const {
        return std::ranges::all_of(callers_, [](const auto& caller) { return caller->blocks(); });
    }
    void expect_served() {
        for (const auto& caller : callers_)
            EXPECT_EQ(caller->result(), gives(0));
    }

private:
    UniqueFd fd_;
    std::vector<std::unique_ptr<Caller>> callers_;
};

TEST_F(Queue, LetsAPoliteFilePassAFloodAfterAtMostTwoFirmwareCalls) {
    Hang hang(plain);
    Flood flood(plain, 40);
    ASSERT_TRUE(flood.waits());

    const UniqueFd fd = open_device(plain, O_NONBLOCK);
    const std::uint64_t begun = counter(plain, "calls");
    const Options asked = ask(2);
    begin(fd.get(), asked);
    hang.end();
    flood.expect_served();

    const Bytes report = read_to_end(fd.get());
    EXPECT_TRUE(answers(asked, report));
    EXPECT_LE(tag_of(report).serial, begun + 2) << "with " << begun << " calls begun before";
}

TEST_F(Queue, ServesManyFilesInTurn) {
    Hang hang(plain);
    const UniqueFd first = open_device(plain, O_NONBLOCK);
    begin(first.get(), ask());
    ASSERT_TRUE(await([] { return counter(plain, "inflight") == 1; }));
    std::vector<UniqueFd> files;
    for (int i = 0; i < 20; ++i) {
        files.push_back(open_device(plain, O_NONBLOCK));
        begin(files.back().get(), ask());
    }
    hang.end();

    std::uint64_t last = 0;
    for (const UniqueFd& fd : files) {
        pollfd polled{.fd = fd.get(), .events = POLLIN, .revents = 0};
        ASSERT_EQ(::poll(&polled, 1, 20'000), 1);
        const std::uint64_t serial = tag_of(read_to_end(fd.get())).serial;
        EXPECT_GT(serial, last) << "came later but was served before";
        last = serial;
    }
}

} // namespace
} // namespace guest
