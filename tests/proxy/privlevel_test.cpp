// SPDX-License-Identifier: MIT
//
// unprivileged_floor above what a provider has: a TPM and a TDX module know privlevel 0 alone. Who
// opened the device without privilege then gets nothing from it, whether he names a privlevel or
// leaves it to its default.
#include "firmware.hpp"
#include "support/one_shot.hpp"
#include "support/outcome.hpp"
#include "support/users.hpp"

#include <atomic>
#include <optional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

namespace {

using namespace guest;

constexpr unsigned floor_of_users = 2;

class UnprivilegedFloor : public testing::TestWithParam<std::uint32_t /* privlevel_max */> {
protected:
    UnprivilegedFloor() {
        EXPECT_EQ(::chmod(device_path(firmware_.index()).c_str(), 0666), 0);
        const Unprivileged now;
        fd_ = open_device(firmware_.index(), O_NONBLOCK);
    }

    [[nodiscard]] static Outcome ask_by_ioctl(const UniqueFd& fd,
                                              std::optional<std::uint32_t> privlevel) {
        OneShot shot(ask(privlevel));
        shot.req.timeout_ms = 10'000;
        return shot.call(fd.get());
    }

    Parameter floor_{"unprivileged_floor", floor_of_users};
    Firmware firmware_{{.name = "level", .privlevel_max = GetParam()},
                       [](const tsmfd::ProxyRequest&) { return Bytes(100); }};
    UniqueFd fd_;
};

INSTANTIATE_TEST_SUITE_P(AboveAMaximumOf, UnprivilegedFloor, testing::Values(0U, 1U),
                         [](const auto& test) { return std::to_string(test.param); });

TEST_P(UnprivilegedFloor, RefusesAnIoctlWithoutAPrivlevel) {
    EXPECT_EQ(ask_by_ioctl(fd_, {}), fails(EPERM));
    EXPECT_EQ(firmware_.requests(), 0U);
}

TEST_P(UnprivilegedFloor, RefusesAnIoctlWithAnyPrivlevelOfTheProviders) {
    for (std::uint32_t privlevel = 0; privlevel <= GetParam(); ++privlevel)
        EXPECT_EQ(ask_by_ioctl(fd_, privlevel), fails(EPERM)) << privlevel;
    EXPECT_EQ(ask_by_ioctl(fd_, floor_of_users), fails(EINVAL)) << "which it does not have";
    EXPECT_EQ(firmware_.requests(), 0U);
}

// A privlevel might still be written; there is none to write that would do.
TEST_P(UnprivilegedFloor, RefusesOptionsWithoutAPrivlevel) {
    Outcome outcome = put(fd_.get(), "inblob=00");
    if (outcome.ok()) {
        pollfd polled{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&polled, 1, 10'000), 1);
        EXPECT_EQ(polled.revents, POLLIN | POLLERR);
        Bytes buffer(100);
        outcome = get(fd_.get(), buffer);
    }
    EXPECT_EQ(outcome, fails(EPERM));
    EXPECT_EQ(firmware_.requests(), 0U);
}

TEST_P(UnprivilegedFloor, IsWhatInfoSaysToWhomItHolds) {
    tsmfd_info info{};
    ASSERT_EQ(call_ioctl(fd_.get(), TSMFD_IOC_INFO, &info), gives(0));
    EXPECT_EQ(info.privlevel_floor, floor_of_users);
    EXPECT_EQ(info.privlevel_max, GetParam());
    const UniqueFd privileged = open_device(firmware_.index());
    ASSERT_EQ(call_ioctl(privileged.get(), TSMFD_IOC_INFO, &info), gives(0));
    EXPECT_EQ(info.privlevel_floor, 0U);
}

TEST_P(UnprivilegedFloor, IsNoMatterToWhoIsPrivileged) {
    const UniqueFd privileged = open_device(firmware_.index());
    EXPECT_EQ(ask_by_ioctl(privileged, {}), gives(0));
    EXPECT_EQ(firmware_.requests(), 1U);
}

TEST(UnprivilegedFloorAtTheMaximum, IsThePrivlevelThatIsLeft) {
    const Parameter floor("unprivileged_floor", 1);
    std::atomic<std::uint32_t> asked_for = 99;
    Firmware firmware({.name = "level", .privlevel_max = 1},
                      [&](const tsmfd::ProxyRequest& request) {
                          asked_for = request.options.privlevel.value_or(98);
                          return Bytes(100);
                      });
    ASSERT_EQ(::chmod(device_path(firmware.index()).c_str(), 0666), 0);
    UniqueFd fd;
    {
        const Unprivileged now;
        fd = open_device(firmware.index());
    }
    OneShot shot(ask());
    shot.req.timeout_ms = 10'000;
    EXPECT_EQ(shot.call(fd.get()), gives(0));
    EXPECT_EQ(asked_for, 1U);
}

} // namespace
