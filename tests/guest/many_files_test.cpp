// SPDX-License-Identifier: MIT
//
// One thread, ten thousand challenges.
#include "support/test.hpp"

#include <array>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

namespace guest {
namespace {

class ManyFiles : public GuestTest {
protected:
    void SetUp() override {
        const rlimit limit{.rlim_cur = count + 100, .rlim_max = count + 100};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }

    // Where each lock and each access is checked, fewer: it is the checks that count there.
    const std::size_t count = kernel_is_instrumented() ? 2'000 : 10'000;
};

struct Pending {
    UniqueFd fd;
    Options asked;
};

TEST_F(ManyFiles, HeldByOneThreadUnderEpollEachGetTheirOwnReport) {
    const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    Hang hang(plain); // so that all of them have a request at the same time
    std::vector<Pending> pending;
    pending.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        Pending& one = pending.emplace_back(
            open_device(plain, O_NONBLOCK),
            ask(static_cast<std::uint32_t>(i % 4), i % 8 < 4 ? Format::plain : Format::extended));
        set(one.fd.get(), one.asked);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ASSERT_EQ(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, one.fd.get(), &event), 0);
    }
    hang.end();

    Bytes buffer(4096);
    std::size_t answered = 0;
    while (answered < count) {
        std::array<epoll_event, 256> events{};
        const int ready = ::epoll_wait(epoll.get(), events.data(), 256, 20'000);
        ASSERT_GT(ready, 0) << "after " << answered << " reports";
        for (int i = 0; i < ready; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            Pending& one = pending[event.data.u64];
            ASSERT_EQ(event.events, EPOLLIN);
            ASSERT_TRUE(one.fd) << "a second report of one file";
            ASSERT_EQ(get(one.fd.get(), buffer), gives(stream_size(one.asked)));
            ASSERT_TRUE(answers(one.asked, ByteSpan(buffer).first(stream_size(one.asked))));
            one.fd.reset();
            ++answered;
        }
    }
}

TEST_F(ManyFiles, ClosedAtOnceWhileTheirRequestsWaitMakeNoFirmwareCall) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    {
        std::vector<UniqueFd> files;
        for (std::size_t i = 0; i < count / 10; ++i) {
            files.push_back(open_device(plain, O_NONBLOCK));
            begin(files.back().get(), ask());
        }
        ASSERT_TRUE(await([&] { return counter(plain, "calls") == before + 1; }));
    }
    hang.end();
    EXPECT_TRUE(await([] { return counter(plain, "inflight") == 0; }));
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

} // namespace
} // namespace guest
