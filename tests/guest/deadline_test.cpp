// SPDX-License-Identifier: MIT
//
// timeout_ms of TSMFD_IOC_REPORT is a deadline from when the call was made. A signal whose handler
// has the call restarted (SA_RESTART) does not move it.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>
#include <vector>

namespace guest {
namespace {

constexpr milliseconds between_signals{50};
constexpr std::uint32_t timeout_ms = 500;
// Many times the timeout; a call that starts its time anew with each signal never ends.
constexpr milliseconds patience{10'000};

class RestartingHandler {
public:
    RestartingHandler() {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        action.sa_flags = SA_RESTART;
        EXPECT_EQ(::sigaction(SIGUSR1, &action, &before_), 0);
    }
    ~RestartingHandler() { ::sigaction(SIGUSR1, &before_, nullptr); }
    RestartingHandler(const RestartingHandler&) = delete;
    RestartingHandler& operator=(const RestartingHandler&) = delete;

private:
    struct sigaction before_ {};
};

class Deadline : public GuestTest {
protected:
    // A call with the timeout, of a challenge of its own, in a thread of its own.
    struct Call {
        explicit Call(int fd) : caller([this, fd] { return shot.call(fd); }) {}

        OneShot shot = with_timeout();
        Caller caller; // last, for it uses the other
    };

    static OneShot with_timeout() {
        OneShot shot(ask(2, Format::extended));
        shot.req.timeout_ms = timeout_ms;
        return shot;
    }

    // Sends every call a signal now and then, until all have returned. Those that have not within
    // reason are let go by firmware that answers.
    static void signal_until_returned(const std::vector<std::unique_ptr<Call>>& calls, Hang& hang) {
        const auto have_returned = [&] {
            return std::ranges::all_of(calls,
                                       [](const auto& one) { return one->caller.returned(); });
        };
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!have_returned() && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(between_signals);
            for (const auto& one : calls) {
                if (!one->caller.returned())
                    one->caller.signal(SIGUSR1);
            }
        }
        EXPECT_TRUE(have_returned()) << "after " << patience.count() << " ms of signals";
        hang.end();
    }

    void expect_timeouts_of(unsigned threads) const {
        const RestartingHandler handler;
        Hang hang(plain);
        std::vector<std::unique_ptr<Call>> calls;
        for (unsigned i = 0; i < threads; ++i)
            calls.push_back(std::make_unique<Call>(fd_.get()));
        signal_until_returned(calls, hang);
        for (const auto& one : calls) {
            EXPECT_EQ(one->caller.result(), fails(ETIMEDOUT));
            EXPECT_TRUE(one->shot.untouched());
        }
    }

    UniqueFd fd_ = open_device(plain);
};

TEST_F(Deadline, IsKeptByACallThatSignalsInterrupt) {
    expect_timeouts_of(1);
}

TEST_F(Deadline, IsKeptByEachOfSeveralThreadsOnOneFile) {
    expect_timeouts_of(8);
}

// A signal without SA_RESTART ends the call, and the next one with the same options goes on with
// its request; but for as long as that one says.
TEST_F(Deadline, IsNotThatOfACallThatASignalEnded) {
    struct sigaction action {};
    struct sigaction before {};
    action.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
    Hang hang(plain);
    const std::uint64_t calls = counter(plain, "calls");
    const Options asked = ask(2, Format::extended);
    OneShot first(asked);
    first.req.timeout_ms = 1000;
    Caller ended([&] { return first.call(fd_.get()); });
    EXPECT_TRUE(ended.blocks());
    ended.signal(SIGUSR1);
    EXPECT_EQ(ended.result(), fails(EINTR));
    EXPECT_EQ(::sigaction(SIGUSR1, &before, nullptr), 0);

    OneShot second(asked);
    second.req.timeout_ms = static_cast<std::uint32_t>(patience.count());
    Caller caller([&] { return second.call(fd_.get()); });
    std::this_thread::sleep_for(milliseconds(1500));
    EXPECT_FALSE(caller.returned()) << "at the first call's deadline";
    hang.end();
    EXPECT_EQ(caller.result(), gives(0));
    EXPECT_TRUE(answers(asked, second.outblob(), second.auxblob()));
    EXPECT_LE(counter(plain, "calls"), calls + 2);
}

TEST_F(Deadline, IsOfOneCallAndNotOfTheNextWithTheSameOptions) {
    Hang hang(plain);
    const Options asked = ask(2, Format::extended);
    OneShot first(asked);
    first.req.timeout_ms = timeout_ms;
    EXPECT_EQ(first.call(fd_.get()), fails(ETIMEDOUT));
    OneShot second(asked);
    second.req.timeout_ms = static_cast<std::uint32_t>(patience.count());
    Caller caller([&] { return second.call(fd_.get()); });
    ASSERT_TRUE(caller.blocks());
    hang.end();
    EXPECT_EQ(caller.result(), gives(0));
    EXPECT_TRUE(answers(asked, second.outblob(), second.auxblob()));
}

} // namespace
} // namespace guest
