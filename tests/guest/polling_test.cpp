// SPDX-License-Identifier: MIT
//
// When a report is made, and who hears of it. A write makes nothing; the first read or poll behind
// it does. Whoever polls, in whichever way and from whenever on, hears of the report, or of the
// error, and of each one once it has been read no more.
#include "support/test.hpp"
#include "support/watch.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <tuple>

#include <fcntl.h>
#include <sys/epoll.h>

namespace guest {
namespace {

using std::chrono::steady_clock;

constexpr std::uint32_t readable = EPOLLIN;
constexpr std::uint32_t failed = EPOLLIN | EPOLLERR;

class Polling : public GuestTest,
                public testing::WithParamInterface<std::tuple<Way, bool /* non-blocking */>> {
protected:
    void SetUp() override {
        if (!can_watch_by(way()))
            GTEST_SKIP() << "this kernel has no io_uring";
    }

    static Way way() { return std::get<0>(GetParam()); }
    static bool blocks() { return !std::get<1>(GetParam()); }

    [[nodiscard]] std::unique_ptr<Watch> watch() const { return Watch::of(fd_.get(), way()); }

    // What somebody else hears who polls until there is something.
    [[nodiscard]] Outcome heard() const { return gives(watch()->wait(asleep_ms)); }

    // Firmware calls of this test.
    [[nodiscard]] std::uint64_t calls() const { return counter(plain, "calls") - calls_before_; }

    UniqueFd fd_ = open_device(plain, blocks() ? 0 : O_NONBLOCK);
    Bytes buffer_ = Bytes(4096);

private:
    std::uint64_t calls_before_ = counter(plain, "calls");
};

INSTANTIATE_TEST_SUITE_P(By, Polling,
                         testing::Combine(testing::Values(Way::poll, Way::epoll_level,
                                                          Way::epoll_edge, Way::io_uring),
                                          testing::Bool()),
                         [](const auto& test) {
                             return std::string(name_of(std::get<0>(test.param))) +
                                    (std::get<1>(test.param) ? "NonBlocking" : "Blocking");
                         });

TEST_P(Polling, FromBeforeTheInblobIsWrittenHearsOfItsReport) {
    const auto watch = this->watch();
    EXPECT_EQ(watch->wait(0), 0U) << "nothing is to be read yet";
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_EQ(watch->wait(patience_ms), readable);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_P(Polling, FromBeforeTheInblobIsWrittenHearsOfAReportThatTakesItsTime) {
    const Setting latency(plain, "latency_us", 5000);
    const auto watch = this->watch();
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_EQ(watch->wait(patience_ms), readable);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_P(Polling, AsleepBeforeTheInblobIsWrittenWakesForItsReport) {
    Caller sleeper([this] { return heard(); });
    ASSERT_TRUE(sleeper.blocks());
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_EQ(woken(sleeper), gives(readable));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_P(Polling, AsleepOverSeveralWritesWakesForTheReportOfThemAll) {
    Caller sleeper([this] { return heard(); });
    ASSERT_TRUE(sleeper.blocks());
    EXPECT_TRUE(put(fd_.get(), "privlevel=3").ok());
    EXPECT_TRUE(put(fd_.get(), "format=extended").ok());
    EXPECT_TRUE(sleeper.blocks()) << "there is no inblob yet";
    EXPECT_EQ(calls(), 0U);
    Options asked = ask();
    set(fd_.get(), asked);
    EXPECT_EQ(woken(sleeper), gives(readable));
    asked.privlevel = 3;
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_P(Polling, ManyAsleepOnOneFileAllWake) {
    Caller first([this] { return heard(); });
    Caller second([this] { return heard(); });
    Caller third([this] { return heard(); });
    ASSERT_TRUE(first.blocks() && second.blocks() && third.blocks());
    set(fd_.get(), ask());
    EXPECT_EQ(woken(first), gives(readable));
    EXPECT_EQ(woken(second), gives(readable));
    EXPECT_EQ(woken(third), gives(readable));
    EXPECT_EQ(calls(), 1U);
}

TEST_P(Polling, AsleepOnAReportWhoseOptionsAreReplacedWakesForTheNewOne) {
    Hang hang(plain);
    set(fd_.get(), ask(1));
    Caller sleeper([this] { return heard(); });
    ASSERT_TRUE(await([this] { return calls() == 1; })) << "a poll has the report made";
    ASSERT_TRUE(sleeper.blocks());
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    hang.end();
    EXPECT_EQ(woken(sleeper), gives(readable));
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    EXPECT_EQ(calls(), 2U);
}

TEST_P(Polling, HearsOfEachReportAgain) {
    const auto watch = this->watch();
    for (int i = 0; i < 10; ++i) {
        const Options asked = ask(static_cast<std::uint32_t>(i % 4));
        set(fd_.get(), asked);
        ASSERT_EQ(watch->wait(patience_ms), readable) << "report " << i;
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
        EXPECT_EQ(watch->wait(0), 0U) << "of report " << i << ", which has been read";
    }
    EXPECT_EQ(calls(), 10U);
}

TEST_P(Polling, HearsOfTheReportThatReplacesAnUnreadOne) {
    const auto watch = this->watch();
    set(fd_.get(), ask(1));
    ASSERT_EQ(watch->wait(patience_ms), readable);
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    ASSERT_EQ(watch->wait(patience_ms), readable);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_P(Polling, BehindTheEndOfAReportHearsNothingUntilAnOptionIsWritten) {
    Options asked = ask(1);
    const auto watch = this->watch();
    set(fd_.get(), asked);
    ASSERT_EQ(watch->wait(patience_ms), readable);
    const Bytes first = read_to_end(fd_.get());
    EXPECT_EQ(watch->wait(soon_ms), 0U);
    EXPECT_EQ(get(fd_.get(), buffer_), gives(0));
    EXPECT_EQ(watch->wait(0), 0U);
    EXPECT_EQ(calls(), 1U);

    EXPECT_TRUE(put(fd_.get(), "privlevel=1").ok()) << "the same once more";
    ASSERT_EQ(watch->wait(patience_ms), readable);
    const Bytes second = read_to_end(fd_.get());
    EXPECT_TRUE(answers(asked, second));
    EXPECT_NE(tag_of(first).serial, tag_of(second).serial);
    EXPECT_EQ(calls(), 2U);
}

TEST_P(Polling, OfAnErrorThatNobodyReadsMakesOneFirmwareCall) {
    const Setting failures(plain, "fail_permille", 1000);
    const auto watch = this->watch();
    set(fd_.get(), ask());
    ASSERT_EQ(watch->wait(patience_ms), failed);
    for (int i = 0; i < 20 && way() != Way::epoll_edge; ++i)
        ASSERT_EQ(watch->wait(0), failed) << "at another look, number " << i;
    EXPECT_EQ(watch->wait(0) & ~failed, 0U);
    EXPECT_EQ(calls(), 1U);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EIO));
    EXPECT_EQ(calls(), 1U) << "the read is told what the poll has announced";
}

TEST_P(Polling, BehindAnErrorThatWasReadHasNoCallMadeAgain) {
    const Setting failures(plain, "fail_permille", 1000);
    const auto watch = this->watch();
    set(fd_.get(), ask());
    ASSERT_EQ(watch->wait(patience_ms), failed);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EIO));
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(watch->wait(i == 0 ? soon_ms : 0), 0U);
    Caller sleeper([this] { return gives(this->watch()->wait(3 * soon_ms)); });
    EXPECT_EQ(sleeper.result(), gives(0));
    EXPECT_EQ(calls(), 1U);
}

TEST_P(Polling, BehindAnErrorThatWasReadHearsOfTheReportThatAReadHasMade) {
    const auto watch = this->watch();
    const Options asked = ask(2);
    {
        const Setting failures(plain, "fail_permille", 1000);
        set(fd_.get(), asked);
        ASSERT_EQ(watch->wait(patience_ms), failed);
        EXPECT_EQ(get(fd_.get(), buffer_), fails(EIO));
    }
    const Outcome got = get(fd_.get(), std::span(buffer_).first(1));
    EXPECT_TRUE(got == gives(1) || (!blocks() && got == fails(EAGAIN))) << got;
    ASSERT_EQ(watch->wait(patience_ms), readable);
    Bytes report(buffer_.begin(), buffer_.begin() + (got.ok() ? 1 : 0));
    const Bytes rest = read_to_end(fd_.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
    EXPECT_EQ(calls(), 2U);
}

TEST_P(Polling, BehindAnErrorHearsOfTheReportForWhatIsWrittenNext) {
    for (const bool is_read : {true, false}) {
        const auto watch = this->watch();
        {
            const Setting failures(plain, "fail_permille", 1000);
            set(fd_.get(), ask(1));
            ASSERT_EQ(watch->wait(patience_ms), failed);
            if (is_read) {
                EXPECT_EQ(get(fd_.get(), buffer_), fails(EIO));
            }
        }
        const Options asked = ask(2, Format::extended);
        set(fd_.get(), asked);
        ASSERT_EQ(watch->wait(patience_ms), readable) << (is_read ? "read" : "not read");
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    }
    EXPECT_EQ(calls(), 4U);
}

// What is made, and when: a file that nobody watches, blocking or not.
class Making : public GuestTest, public testing::WithParamInterface<int> {
protected:
    [[nodiscard]] std::uint64_t calls() const { return counter(plain, "calls") - calls_before_; }
    [[nodiscard]] std::uint32_t poll_for(int limit_ms) const {
        return Watch::of(fd_.get(), Way::poll)->wait(limit_ms);
    }

    UniqueFd fd_ = open_device(plain, GetParam());

private:
    std::uint64_t calls_before_ = counter(plain, "calls");
};

INSTANTIATE_TEST_SUITE_P(On, Making, testing::Values(0, O_NONBLOCK), [](const auto& test) {
    return test.param == 0 ? "Blocking" : "NonBlocking";
});

TEST_P(Making, IsNotBegunByAWrite) {
    set(fd_.get(), ask());
    std::this_thread::sleep_for(milliseconds(soon_ms));
    EXPECT_EQ(calls(), 0U);
}

TEST_P(Making, IsBegunByAPoll) {
    const Hang hang(plain);
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(0), 0U);
    EXPECT_TRUE(await([this] { return calls() == 1; }));
}

TEST_P(Making, IsBegunByBeingAddedToAnEpoll) {
    const Hang hang(plain);
    set(fd_.get(), ask());
    const auto watch = Watch::of(fd_.get(), Way::epoll_edge);
    EXPECT_TRUE(await([this] { return calls() == 1; }));
}

TEST_P(Making, TakesOneCallForOptionsThatTookTwoWrites) {
    const auto watch = Watch::of(fd_.get(), Way::epoll_level); // but nobody looks at it meanwhile
    Options asked = ask();
    set(fd_.get(), asked);
    EXPECT_TRUE(put(fd_.get(), "privlevel=2 format=extended").ok());
    EXPECT_EQ(watch->wait(patience_ms), readable);
    asked.privlevel = 2;
    asked.format = Format::extended;
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    EXPECT_EQ(calls(), 1U);
}

TEST_P(Making, TakesNoCallForOptionsThatNobodyAsksFor) {
    for (int i = 0; i < 5; ++i)
        set(fd_.get(), ask());
    fd_.reset();
    EXPECT_EQ(calls(), 0U);
}

// A read finds no inblob, and fails, at the moment that another thread writes one. That is no
// error of the new options.
TEST_P(Making, IsBegunThoughAReadHasFailedAtTheMomentOfTheWrite) {
    constexpr unsigned rounds = 5000;
    const auto watch = Watch::of(fd_.get(), Way::poll);
    std::barrier both(2);
    std::atomic<bool> over = false;
    Outcome got;
    std::jthread reader([&] {
        Bytes byte(1);
        for (;;) {
            both.arrive_and_wait();
            if (over)
                return;
            got = get(fd_.get(), byte);
            both.arrive_and_wait();
        }
    });
    for (unsigned round = 0; round < rounds && !HasFailure(); ++round) {
        EXPECT_TRUE(put(fd_.get(), "reset").ok());
        both.arrive_and_wait();
        const auto then = steady_clock::now() + std::chrono::nanoseconds(round % 64 * 500);
        while (steady_clock::now() < then) {
        }
        set(fd_.get(), ask());
        both.arrive_and_wait();
        if (got == fails(EINVAL))
            EXPECT_EQ(watch->wait(patience_ms), readable) << "round " << round;
        else
            EXPECT_TRUE(got == gives(1) || got == fails(EAGAIN)) << got;
    }
    over = true;
    both.arrive_and_wait();
}

// What one thread reads to its end is not begun anew by another that polls at that moment.
TEST_P(Making, IsNotBegunAnewByWhoPollsWhileTheReportIsRead) {
    constexpr unsigned rounds = 2000;
    std::atomic<bool> over = false;
    in_parallel(3, [&](unsigned thread) {
        if (thread > 0) {
            const auto watch = Watch::of(fd_.get(), Way::poll);
            while (!over)
                (void)watch->wait(0);
            return;
        }
        const auto watch = Watch::of(fd_.get(), Way::poll);
        Bytes buffer(4096);
        for (unsigned round = 0; round < rounds; ++round) {
            set(fd_.get(), ask());
            EXPECT_EQ(watch->wait(patience_ms), readable);
            EXPECT_EQ(get(fd_.get(), buffer), gives(report_size));
            EXPECT_EQ(get(fd_.get(), buffer), gives(0)) << "the end, round " << round;
            if (HasFailure())
                break;
        }
        over = true;
    });
    EXPECT_LE(calls(), std::uint64_t{rounds});
}

} // namespace
} // namespace guest
