// SPDX-License-Identifier: MIT
//
// Turns between users: one who comes again and again, with a new open file each time, is served no
// sooner than one who stays. What somebody waits for is counted in firmware calls, so that the
// machine's speed does not matter.
#include "support/one_shot.hpp"
#include "support/test.hpp"
#include "support/users.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <sys/stat.h>

namespace guest {
namespace {

constexpr uid_t first_user = 1001;
constexpr uid_t second_user = 1002;

// In turns, somebody waits for the call that is being made, for one of each other user, and for
// his own.
constexpr std::uint64_t fair_calls = 4;
constexpr unsigned questions = 100;
constexpr std::uint64_t enough_calls = 10 * questions;

enum class By { ioctl, batch, read };

const char* name_of(By by) {
    return by == By::ioctl ? "Ioctl" : by == By::batch ? "BatchedIoctl" : "Read";
}

Outcome ask_once(int fd, By by) {
    if (by == By::read) {
        Bytes buffer(4096);
        const Outcome written = put(fd, ask().text());
        return written.ok() ? get(fd, buffer) : written;
    }
    OneShot shot(ask());
    GuardedBuffer proof(4096);
    if (by == By::batch) {
        shot.req.flags |= TSMFD_OPT_BATCH;
        shot.req.proof = proof.address();
        shot.req.proof_len = static_cast<std::uint32_t>(proof.room());
    }
    return shot.call(fd);
}

class Fairness : public GuestTest, public testing::WithParamInterface<By> {
protected:
    Fairness() { EXPECT_EQ(::chmod(device_path(plain).c_str(), 0666), 0); }
    ~Fairness() override { EXPECT_EQ(::chmod(device_path(plain).c_str(), 0600), 0); }

    // A process of that user which opens, asks and closes until it is killed.
    void let_reopen(uid_t user) {
        children_.push_back(std::make_unique<Child>(as_user(user, [] {
            while (ask_once(open_device(plain).get(), GetParam()).ok()) {
            }
            return 1;
        })));
    }

    // For how many firmware calls does a question wait, its own among them? The median: a host that
    // is busy with other things holds up whichever process it likes, and the firmware goes on.
    // (tests/bench/holds bounds the 99th percentile, by a clock that the host has no part in.)
    template <typename Question>
    static std::uint64_t usual_calls(Question question) {
        std::vector<std::uint64_t> calls;
        // Where it waits for hundreds, a few questions tell.
        for (std::uint64_t waited = 0; calls.size() < questions && waited < enough_calls;) {
            const std::uint64_t begun = counter(plain, "calls");
            calls.push_back(question() - begun);
            waited += calls.back();
        }
        std::ranges::sort(calls);
        return calls[calls.size() / 2];
    }

    // Asks, and gives the number of the call that made the report.
    static std::uint64_t ask_through(int fd) {
        OneShot shot(ask());
        shot.req.timeout_ms = 20'000;
        EXPECT_EQ(shot.call(fd), gives(0));
        return tag_of(shot.outblob()).serial;
    }

    // All of them are at it, and have been for some time.
    void await_others() const {
        const std::uint64_t begun = counter(plain, "calls");
        ASSERT_TRUE(
            await([&] { return counter(plain, "calls") >= begun + 10 * children_.size(); }));
    }

private:
    Setting latency_{plain, "latency_us", 5000};
    std::vector<std::unique_ptr<Child>> children_;
};

INSTANTIATE_TEST_SUITE_P(BesideCallersBy, Fairness, testing::Values(By::ioctl, By::batch, By::read),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(Fairness, IsKeptBesideTwoUsersWhoReopenTheDevice) {
    let_reopen(first_user);
    let_reopen(second_user);
    await_others();
    const UniqueFd fd = open_device(plain);
    EXPECT_LE(usual_calls([&] { return ask_through(fd.get()); }), fair_calls);
}

TEST_P(Fairness, IsKeptBesideEightProcessesOfTwoUsersWhoReopenTheDevice) {
    for (unsigned i = 0; i < 8; ++i)
        let_reopen(i % 2 == 0 ? first_user : second_user);
    await_others();
    const UniqueFd fd = open_device(plain);
    EXPECT_LE(usual_calls([&] { return ask_through(fd.get()); }), fair_calls);
}

TEST_P(Fairness, IsForHimWhoReopensTheDeviceTheSame) {
    let_reopen(first_user);
    let_reopen(second_user);
    await_others();
    EXPECT_LE(usual_calls([] { return ask_through(open_device(plain).get()); }), fair_calls);
}

TEST_P(Fairness, WithinAUserIsKeptBesideFilesThatAreReopened) {
    let_reopen(0);
    let_reopen(0);
    await_others();
    const UniqueFd fd = open_device(plain);
    EXPECT_LE(usual_calls([&] { return ask_through(fd.get()); }), fair_calls);
}

} // namespace
} // namespace guest
