// SPDX-License-Identifier: MIT
//
// Polls and reads that run short of memory, at each place where they can. Somebody who polls is
// told, and not left to sleep; and what comes next is as if nothing had been.
#include "support/fail_nth.hpp"
#include "support/test.hpp"
#include "support/watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

namespace guest {
namespace {

constexpr std::uint32_t readable = EPOLLIN;
constexpr std::uint32_t failed = EPOLLIN | EPOLLERR;

// A call that goes on beyond this has no end.
constexpr unsigned allocations_max = 200;

class ShortOfMemory : public GuestTest, public testing::WithParamInterface<int> {
protected:
    void SetUp() override {
        if (!can_run_short())
            GTEST_SKIP() << "this kernel does not fail allocations";
        run_short_of_everything();
    }

    // What a poll says that does not wait.
    struct Polled {
        std::uint32_t events;
        bool something_failed;
    };
    static Polled poll_failing(const UniqueFd& fd, unsigned nth) {
        pollfd polled{.fd = fd.get(), .events = POLLIN, .revents = 0};
        FailNth fail(nth);
        if (::poll(&polled, 1, 0) < 0) // EFAULT, which is poll(2)'s own
            polled.revents = 0;
        return {.events = static_cast<std::uint32_t>(polled.revents),
                .something_failed = fail.has_failed()};
    }
};

INSTANTIATE_TEST_SUITE_P(On, ShortOfMemory, testing::Values(0, O_NONBLOCK), [](const auto& test) {
    return test.param == 0 ? "Blocking" : "NonBlocking";
});

TEST_P(ShortOfMemory, APollSaysSoAndTheReadGivesEnomem) {
    const UniqueFd fd = open_device(plain, GetParam());
    Bytes buffer(4096);
    unsigned refused = 0;
    for (unsigned nth = 1; nth <= allocations_max; ++nth) {
        set(fd.get(), ask(2));
        const auto [events, something_failed] = poll_failing(fd, nth);
        if (!something_failed) {
            EXPECT_GE(refused, 1U) << "nothing that a poll needs was refused";
            return;
        }
        // A worker, or a part of poll(2) itself, may have made do without.
        const std::uint32_t said = Watch::of(fd.get(), Way::poll)->wait(patience_ms);
        ASSERT_TRUE(said == readable || said == failed) << "allocation " << nth << ": " << said;
        if ((events & EPOLLERR) != 0) {
            ++refused;
            ASSERT_EQ(said, failed) << "the error has not been read yet, allocation " << nth;
        }
        if (said == failed) {
            ASSERT_EQ(get(fd.get(), buffer), fails(ENOMEM)) << "allocation " << nth;
            ASSERT_EQ(Watch::of(fd.get(), Way::poll)->wait(0), 0U) << "allocation " << nth;
        }
        const Options asked = ask(1, Format::extended);
        set(fd.get(), asked);
        ASSERT_EQ(Watch::of(fd.get(), Way::poll)->wait(patience_ms), readable);
        ASSERT_TRUE(answers(asked, read_to_end(fd.get()))) << "behind allocation " << nth;
    }
    FAIL() << "a poll's allocations have no end";
}

TEST_P(ShortOfMemory, AReadFailsAndTheNextOneDoesNot) {
    const UniqueFd fd = open_device(plain, GetParam());
    Bytes buffer(4096);
    for (unsigned nth = 1; nth <= allocations_max; ++nth) {
        const Options asked = ask(2);
        set(fd.get(), asked);
        Outcome got;
        bool something_failed = false;
        {
            FailNth fail(nth);
            got = get(fd.get(), buffer);
            something_failed = fail.has_failed();
        }
        if (!something_failed)
            return;
        ASSERT_TRUE(got == gives(report_size) || got == fails(ENOMEM) || got == fails(EFAULT) ||
                    (GetParam() != 0 && got == fails(EAGAIN)))
            << "allocation " << nth << ": " << got;
        set(fd.get(), asked);
        ASSERT_EQ(Watch::of(fd.get(), Way::poll)->wait(patience_ms), readable);
        ASSERT_TRUE(answers(asked, read_to_end(fd.get()))) << "behind allocation " << nth;
    }
    FAIL() << "a read's allocations have no end";
}

} // namespace
} // namespace guest
