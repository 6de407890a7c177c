// SPDX-License-Identifier: MIT
//
// O_NONBLOCK on /dev/tsmfdN, under poll, select and epoll.
#include "support/test.hpp"

#include <array>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <unistd.h>

namespace guest {
namespace {

constexpr int patience_ms = 20'000;
constexpr int soon_ms = 100;

class NonBlocking : public GuestTest {
protected:
    NonBlocking() : fd_(open_device(plain, O_NONBLOCK)) {}

    // The events that poll(2) gives for reading and writing.
    [[nodiscard]] short poll_for(short events, int limit_ms, int fd = -1) const {
        pollfd polled{.fd = fd < 0 ? fd_.get() : fd, .events = events, .revents = 0};
        EXPECT_GE(::poll(&polled, 1, limit_ms), 0);
        return polled.revents;
    }

    UniqueFd fd_;
    Bytes buffer_ = Bytes(4096);
};

TEST_F(NonBlocking, ReadGivesEagainUntilTheReportIsThere) {
    Hang hang(plain);
    const Options asked = ask(2, Format::extended);
    set(fd_.get(), asked);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EAGAIN));
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EAGAIN));
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

TEST_F(NonBlocking, ReadAfterPollinGivesTheReportOfAFirmwareOf5Milliseconds) {
    const Setting latency(plain, "latency_us", 5000);
    for (int i = 0; i < 10; ++i) {
        const Options asked = ask(static_cast<std::uint32_t>(i % 4), Format::extended);
        set(fd_.get(), asked);
        ASSERT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    }
}

TEST_F(NonBlocking, ReadBeforeAnInblobGivesEinval) {
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EINVAL));
    EXPECT_TRUE(put(fd_.get(), "privlevel=1").ok());
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EINVAL));
}

TEST_F(NonBlocking, ReadStartsTheRequest) {
    const Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    set(fd_.get(), ask());
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EAGAIN));
    EXPECT_TRUE(await([&] { return counter(plain, "calls") == before + 1; }));
}

TEST_F(NonBlocking, WriteOfOptionsThatAreNotCompleteStartsNothing) {
    const std::uint64_t before = counter(plain, "calls");
    EXPECT_TRUE(put(fd_.get(), "privlevel=2").ok());
    EXPECT_EQ(poll_for(POLLIN, soon_ms), 0);
    EXPECT_EQ(counter(plain, "calls"), before);
}

TEST_F(NonBlocking, ReadStartsTheRequestOfAFileThatWasBlockingWhenWritten) {
    const UniqueFd fd = open_device(plain);
    Hang hang(plain);
    const Options asked = ask();
    set(fd.get(), asked);
    ASSERT_EQ(::fcntl(fd.get(), F_SETFL, O_NONBLOCK), 0);
    EXPECT_EQ(get(fd.get(), buffer_), fails(EAGAIN));
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms, fd.get()), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

TEST_F(NonBlocking, ReadOfABlockingFileWithNowaitGivesEagain) {
    const UniqueFd fd = open_device(plain);
    Hang hang(plain);
    const Options asked = ask();
    set(fd.get(), asked);
    const auto read_now = [&] {
        const iovec part{buffer_.data(), buffer_.size()};
        return outcome_of(::preadv2(fd.get(), &part, 1, -1, RWF_NOWAIT));
    };
    EXPECT_EQ(read_now(), fails(EAGAIN));
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms, fd.get()), POLLIN);
    ASSERT_EQ(read_now(), gives(report_size));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(report_size)));
}

TEST_F(NonBlocking, ReadAfterAWriteDuringARunningRequestStartsANewOne) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    begin(fd_.get(), ask(1, Format::extended));
    EXPECT_TRUE(await([&] { return counter(plain, "calls") == before + 1; }));
    const Options asked = ask(2);
    set(fd_.get(), asked);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EAGAIN));
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    EXPECT_EQ(counter(plain, "calls"), before + 2);
}

TEST_F(NonBlocking, RefusedWriteLeavesTheRunningRequestAlone) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    const Options asked = ask(1);
    begin(fd_.get(), asked);
    EXPECT_EQ(put(fd_.get(), "privlevel=4"), fails(EINVAL));
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

TEST_F(NonBlocking, CloseWhileTheFirmwareWorksLeavesTheNextToBeServed) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    begin(fd_.get(), ask());
    EXPECT_TRUE(await([&] { return counter(plain, "calls") == before + 1; }));
    fd_.reset();

    const UniqueFd next = open_device(plain, O_NONBLOCK);
    const Options asked = ask(3);
    set(next.get(), asked);
    EXPECT_EQ(poll_for(POLLIN, soon_ms, next.get()), 0) << "the firmware hangs in the first call";
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms, next.get()), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(next.get())));
}

TEST_F(NonBlocking, CloseWhileARequestWaitsItsTurnMakesNoFirmwareCall) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    begin(fd_.get(), ask());
    for (int i = 0; i < 10; ++i) {
        const UniqueFd closed_at_once = open_device(plain, O_NONBLOCK);
        begin(closed_at_once.get(), ask());
    }
    hang.end();
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    EXPECT_TRUE(await([] { return counter(plain, "inflight") == 0; }));
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

using Poll = NonBlocking;

TEST_F(Poll, SaysThatOptionsMayAlwaysBeWritten) {
    EXPECT_EQ(poll_for(POLLIN | POLLOUT, 0), POLLOUT);
    const Hang hang(plain);
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(POLLIN | POLLOUT, 0), POLLOUT);
}

TEST_F(Poll, TimesOutWhileTheFirmwareHangs) {
    const Hang hang(plain);
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(POLLIN, soon_ms), 0);
}

TEST_F(Poll, WakesWhenTheReportComes) {
    Hang hang(plain);
    set(fd_.get(), ask());
    Caller poller([&] { return gives(poll_for(POLLIN, patience_ms)); });
    ASSERT_TRUE(poller.blocks());
    hang.end();
    EXPECT_EQ(poller.result(), gives(POLLIN));
}

TEST_F(Poll, OnABlockingFileStartsTheRequest) {
    const UniqueFd fd = open_device(plain);
    const Options asked = ask(1, Format::extended);
    set(fd.get(), asked);
    EXPECT_EQ(poll_for(POLLIN, patience_ms, fd.get()), POLLIN);
    EXPECT_TRUE(answers(asked, read_to_end(fd.get())));
}

TEST_F(Poll, SaysPollinUntilTheReportIsReadToItsEnd) {
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    EXPECT_EQ(poll_for(POLLIN, 0), POLLIN);
    (void)read_to_end(fd_.get());
    EXPECT_EQ(poll_for(POLLIN, 0), 0);
}

TEST_F(Poll, SaysPollinAndPollerrOfAFailure) {
    const Setting failures(plain, "fail_permille", 1000);
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN | POLLERR);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(EIO));
}

TEST_F(NonBlocking, SelectSaysReadableWhenTheReportComes) {
    Hang hang(plain);
    const Options asked = ask(1);
    set(fd_.get(), asked);
    const auto select_for = [&](long limit_us) {
        fd_set readable;
        FD_ZERO(&readable);
        FD_SET(fd_.get(), &readable);
        timeval limit{.tv_sec = limit_us / 1'000'000, .tv_usec = limit_us % 1'000'000};
        return ::select(fd_.get() + 1, &readable, nullptr, nullptr, &limit);
    };
    EXPECT_EQ(select_for(50'000), 0);
    hang.end();
    EXPECT_EQ(select_for(20'000'000), 1);
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
}

class Epoll : public NonBlocking {
protected:
    Epoll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

    void watch(int fd, std::uint32_t events) const {
        epoll_event event{.events = events, .data = {.fd = fd}};
        EXPECT_EQ(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), 0);
    }

    // The events of the one file that has some; 0 if the limit passes first.
    [[nodiscard]] std::uint32_t wait(int limit_ms) const {
        std::array<epoll_event, 2> events{};
        const int count = ::epoll_wait(epoll_.get(), events.data(), 2, limit_ms);
        EXPECT_LE(count, 1);
        return count == 1 ? events[0].events : 0;
    }

    UniqueFd epoll_;
};

TEST_F(Epoll, LevelTriggeredRepeatsUntilTheReportIsReadToItsEnd) {
    watch(fd_.get(), EPOLLIN);
    EXPECT_EQ(wait(0), 0U);
    Hang hang(plain);
    set(fd_.get(), ask());
    EXPECT_EQ(wait(soon_ms), 0U);
    hang.end();
    EXPECT_EQ(wait(patience_ms), EPOLLIN);
    EXPECT_EQ(wait(0), EPOLLIN);
    EXPECT_EQ(get(fd_.get(), std::span(buffer_).first(100)), gives(100));
    EXPECT_EQ(wait(0), EPOLLIN);
    (void)read_to_end(fd_.get());
    EXPECT_EQ(wait(0), 0U);
}

TEST_F(Epoll, EdgeTriggeredSaysEachReportOnce) {
    watch(fd_.get(), EPOLLIN | EPOLLET);
    for (const std::uint64_t latency_us : {0U, 5000U}) {
        const Setting latency(plain, "latency_us", latency_us);
        for (int i = 0; i < 5; ++i) {
            const Options asked = ask(static_cast<std::uint32_t>(i % 4));
            set(fd_.get(), asked);
            ASSERT_EQ(wait(patience_ms), EPOLLIN) << "report " << i;
            EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
            EXPECT_EQ(wait(0), 0U);
        }
    }
}

TEST_F(Epoll, EdgeTriggeredSaysAReportThatWasThereBeforeTheWatch) {
    set(fd_.get(), ask());
    EXPECT_EQ(poll_for(POLLIN, patience_ms), POLLIN);
    watch(fd_.get(), EPOLLIN | EPOLLET);
    EXPECT_EQ(wait(patience_ms), EPOLLIN);
}

TEST_F(Epoll, WakesWhenTheReportComes) {
    watch(fd_.get(), EPOLLIN | EPOLLET);
    Hang hang(plain);
    set(fd_.get(), ask());
    Caller waiter([&] { return gives(wait(patience_ms)); });
    ASSERT_TRUE(waiter.blocks());
    hang.end();
    EXPECT_EQ(waiter.result(), gives(std::uint32_t{EPOLLIN}));
}

TEST_F(Epoll, StaysSilentOnceAWatchedFileIsClosed) {
    watch(fd_.get(), EPOLLIN);
    Hang hang(plain);
    set(fd_.get(), ask());
    fd_.reset();
    hang.end();
    EXPECT_EQ(wait(soon_ms), 0U);
}

} // namespace
} // namespace guest
