// SPDX-License-Identifier: MIT
//
// Signals to callers that wait for the firmware.
#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/sysfs2023_path.hpp"
#include "support/test.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <stop_token>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>

namespace guest {
namespace {

std::atomic<int> handled = 0;

// Handles SIGUSR1 until the end of the scope.
class Handler {
public:
    explicit Handler(int flags) {
        struct sigaction action {};
        action.sa_handler = [](int) { ++handled; };
        action.sa_flags = flags;
        handled = 0;
        EXPECT_EQ(::sigaction(SIGUSR1, &action, &before_), 0);
    }
    ~Handler() { ::sigaction(SIGUSR1, &before_, nullptr); }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

private:
    struct sigaction before_ {};
};

class Signals : public GuestTest {
protected:
    Signals() : fd_(open_device(plain)) {}

    // Sends SIGUSR1 and waits until its handler has run and the call is waited in again.
    static void interrupt(Caller& caller) {
        const int before = handled;
        caller.signal(SIGUSR1);
        ASSERT_TRUE(await([=] { return handled == before + 1; }));
    }

    UniqueFd fd_;
    Bytes buffer_ = Bytes(4096);
};

TEST_F(Signals, WithoutRestartEndAReadWithEintrAndTheNextReadGetsTheReport) {
    const Handler handler(0);
    Hang hang(plain);
    const std::uint64_t calls = counter(plain, "calls");
    const Options asked = ask(2);
    set(fd_.get(), asked);
    Caller reader([&] { return get(fd_.get(), buffer_); });
    ASSERT_TRUE(reader.blocks());
    interrupt(reader);
    EXPECT_EQ(reader.result(), fails(EINTR));

    hang.end();
    EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    EXPECT_EQ(counter(plain, "calls"), calls + 1) << "the interrupted read's call was for nothing";
}

TEST_F(Signals, WithRestartLetAReadGoOnToItsReport) {
    const Handler handler(SA_RESTART);
    Hang hang(plain);
    const std::uint64_t calls = counter(plain, "calls");
    const Options asked = ask(2);
    set(fd_.get(), asked);
    Caller reader([&] { return get(fd_.get(), buffer_); });
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(reader.blocks());
        interrupt(reader);
    }
    ASSERT_TRUE(reader.blocks());
    hang.end();
    ASSERT_EQ(reader.result(), gives(report_size));
    EXPECT_TRUE(answers(asked, ByteSpan(buffer_).first(report_size)));
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(Signals, WithoutRestartEndAnIoctlWithEintrAndTheSameAgainGetsTheReport) {
    const Handler handler(0);
    Hang hang(plain);
    const std::uint64_t calls = counter(plain, "calls");
    const Options asked = ask(2, Format::extended);
    OneShot shot(asked);
    const tsmfd_report_req before = shot.req;
    Caller caller([&] { return shot.call(fd_.get()); });
    ASSERT_TRUE(caller.blocks());
    interrupt(caller);
    EXPECT_EQ(caller.result(), fails(EINTR));
    EXPECT_TRUE(same(shot.req, before));
    EXPECT_TRUE(shot.untouched());

    hang.end();
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(Signals, WithRestartLetAnIoctlGoOnWithoutASecondFirmwareCall) {
    const Handler handler(SA_RESTART);
    Hang hang(plain);
    const std::uint64_t calls = counter(plain, "calls");
    const Options asked = ask(2, Format::extended);
    OneShot shot(asked);
    Caller caller([&] { return shot.call(fd_.get()); });
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(caller.blocks());
        interrupt(caller);
    }
    ASSERT_TRUE(caller.blocks());
    hang.end();
    ASSERT_EQ(caller.result(), gives(0));
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(Signals, EndAPollWithEintr) {
    const Handler handler(0);
    Hang hang(plain);
    set(fd_.get(), ask());
    Caller poller([&] {
        pollfd polled{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        return outcome_of(::poll(&polled, 1, -1));
    });
    ASSERT_TRUE(poller.blocks());
    interrupt(poller);
    EXPECT_EQ(poller.result(), fails(EINTR));
}

// Callers that keep the open file's lock taken: each write is parsed to its end and refused.
class Contention {
public:
    explicit Contention(int fd) {
        for (int i = 0; i < 3; ++i)
            threads_.emplace_back([fd](const std::stop_token& stop) {
                const std::string refused(TSMFD_WRITE_MAX, ' ');
                while (!stop.stop_requested())
                    (void)put(fd, refused);
            });
    }

private:
    std::vector<std::jthread> threads_;
};

// Once a report is there, an epoll that does not say so now never will.
TEST_F(Signals, DoNotMakeEpollForgetAReport) {
    const Handler handler(SA_RESTART);
    const UniqueFd fd = open_device(plain, O_NONBLOCK);
    const UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    epoll_event event{.events = EPOLLIN, .data = {}};
    ASSERT_EQ(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);

    const Contention contention(fd.get());
    const pthread_t self = ::pthread_self();
    const std::jthread interrupter([self](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            ::pthread_kill(self, SIGUSR1);
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    });

    for (int i = 0; i < 200; ++i) {
        const Options asked = ask(1);
        set(fd.get(), asked);
        const bool said = await([&] { return ::epoll_wait(epoll.get(), &event, 1, 100) == 1; },
                                milliseconds(5000));
        ASSERT_TRUE(said) << "report " << i;
        ASSERT_TRUE(answers(asked, read_to_end(fd.get())));
    }
}

class Killed : public Signals {
protected:
    // The child dies within a second and the firmware goes on to serve others.
    void expect_prompt_death_and_service(Child& child, Hang& hang) const {
        const auto start = std::chrono::steady_clock::now();
        child.signal(SIGKILL);
        EXPECT_EQ(child.status(), 128 + SIGKILL);
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));

        hang.end();
        const Options asked = ask(1, Format::extended);
        set(fd_.get(), asked);
        EXPECT_TRUE(answers(asked, read_to_end(fd_.get())));
    }
};

TEST_F(Killed, WhileItReadsAProcessDiesAtOnce) {
    Hang hang(plain);
    Child child([] {
        const UniqueFd fd = open_device(plain);
        set(fd.get(), ask());
        Bytes buffer(4096);
        return get(fd.get(), buffer).ok() ? 0 : 1;
    });
    ASSERT_TRUE(await([] { return counter(plain, "inflight") == 1; }));
    ASSERT_TRUE(child.sleeps());
    expect_prompt_death_and_service(child, hang);
}

TEST_F(Killed, WhileItWaitsItsTurnAProcessDiesAtOnce) {
    Hang hang(plain);
    const UniqueFd first = open_device(plain, O_NONBLOCK);
    begin(first.get(), ask());
    ASSERT_TRUE(await([] { return counter(plain, "inflight") == 1; }));
    Child child([] {
        const UniqueFd fd = open_device(plain);
        OneShot shot(ask());
        return shot.call(fd.get()).ok() ? 0 : 1;
    });
    ASSERT_TRUE(child.sleeps());
    expect_prompt_death_and_service(child, hang);
}

TEST_F(Killed, WhileItReadsFromSysfs2023AProcessDiesAtOnce) {
    Hang hang(plain);
    write_file(sysfs2023_path(plain, "inhex"), "00");
    Child child([] { return try_read(sysfs2023_path(plain, "outblob")).ok() ? 0 : 1; });
    ASSERT_TRUE(await([] { return counter(plain, "inflight") == 1; }));
    ASSERT_TRUE(child.sleeps());
    expect_prompt_death_and_service(child, hang);
}

} // namespace
} // namespace guest
