// SPDX-License-Identifier: MIT
//
// A provider that leaves with thousands of requests queued: everybody is told, and nobody has to
// wait until all the others have been.
#include "support/device.hpp"
#include "support/outcome.hpp"
#include "support/tasks.hpp"

#include <tsmfd/proxy.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

namespace {

using namespace guest;
using tsmfd::Proxy;

class Shutdown : public testing::Test {
protected:
    void SetUp() override {
        const rlimit limit{.rlim_cur = count + 100, .rlim_max = count + 100};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
        start();
    }

    // A provider that answers nothing, and a queue of requests to it, one a file.
    void start() {
        files_.clear();
        proxy_ = Proxy::make({.name = "silent", .blocking = false}).value();
        for (std::size_t i = 0; i < count; ++i) {
            files_.push_back(open_device(proxy_->index(), O_NONBLOCK));
            begin(files_.back().get(), ask());
        }
    }

    [[nodiscard]] static short events_of(int fd) {
        pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&polled, 1, 0), 1);
        return polled.revents;
    }

    // Of the file of this number, which may not have been told yet.
    [[nodiscard]] Outcome read_of(std::size_t number) {
        Bytes buffer(16);
        return get(files_[number].get(), buffer);
    }

    const std::size_t count = kernel_is_instrumented() ? 2'000 : 10'000;
    std::optional<Proxy> proxy_;
    std::vector<UniqueFd> files_;
};

TEST_F(Shutdown, TellsEverybodyInALongQueue) {
    proxy_.reset();
    for (std::size_t i = 0; i < count; ++i) {
        const short events = events_of(files_[i].get());
        ASSERT_EQ(events & (POLLHUP | POLLERR), POLLHUP | POLLERR) << "file " << i;
        ASSERT_EQ(read_of(i), fails(ENODEV)) << "file " << i;
    }
}

TEST_F(Shutdown, WakesEverybodyInALongQueue) {
    const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    for (std::size_t i = 0; i < count; ++i) {
        epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = i}};
        ASSERT_EQ(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, files_[i].get(), &event), 0);
    }
    std::vector<bool> woken(count);
    std::size_t left = count;
    proxy_.reset();
    while (left > 0) {
        std::array<epoll_event, 256> events{};
        const int ready = ::epoll_wait(epoll.get(), events.data(), events.size(), 10'000);
        ASSERT_GT(ready, 0) << left << " have not been woken";
        for (int i = 0; i < ready; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if ((event.events & EPOLLHUP) != 0 && !woken[event.data.u64]) {
                woken[event.data.u64] = true;
                --left;
            }
        }
    }
}

// Whoever gives up a request needs the queue's lock. Once the first in the queue has been told, one
// near its end is given up: the last has not been told by then, unless nobody got the lock until
// all had been. Where there is but one processor, and the telling is not interrupted, that says
// nothing; so it may take several attempts.
TEST_F(Shutdown, LetsOthersToTheQueueBeforeItHasToldEverybody) {
    for (int round = 0; round < 10; ++round) {
        if (round > 0)
            start();
        std::atomic<bool> watching = false;
        std::atomic<bool> got_in_between = false;
        std::jthread giver_up([&] {
            watching = true;
            // The first is the firmware's; the second is the first in the queue.
            const auto end = std::chrono::steady_clock::now() + milliseconds(10'000);
            while (read_of(1) == fails(EAGAIN) && std::chrono::steady_clock::now() < end) {
            }
            files_[count - 2].reset();
            got_in_between = read_of(count - 1) == fails(EAGAIN);
        });
        while (!watching)
            std::this_thread::yield();
        proxy_.reset();
        giver_up.join();
        if (got_in_between)
            return;
    }
    FAIL() << "the queue's lock was held until all had been told, ten times over";
}

} // namespace
