// SPDX-License-Identifier: MIT
//
// Firmware that fails: what a caller gets, and that it may try again.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <string>

#include <fcntl.h>
#include <poll.h>

namespace guest {
namespace {

struct Fault {
    std::string name;
    std::string setting;
    int error;
};

void PrintTo(const Fault& fault, std::ostream* to) {
    *to << tsmfd::errno_name(fault.error);
}

class Failing : public GuestTest, public testing::WithParamInterface<Fault> {
protected:
    UniqueFd fd_ = open_device(plain);
    Options asked_ = ask(2, Format::extended);
    Bytes buffer_ = Bytes(4096);
};

TEST_P(Failing, FirmwareGivesItsErrorToRead) {
    const Setting fault(plain, GetParam().setting, 1000);
    set(fd_.get(), asked_);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(GetParam().error));
}

TEST_P(Failing, FirmwareIsAskedAgainByTheNextRead) {
    set(fd_.get(), asked_);
    const std::uint64_t calls = counter(plain, "calls");
    {
        const Setting fault(plain, GetParam().setting, 1000);
        EXPECT_EQ(get(fd_.get(), buffer_), fails(GetParam().error));
        EXPECT_EQ(get(fd_.get(), buffer_), fails(GetParam().error));
    }
    EXPECT_TRUE(answers(asked_, read_to_end(fd_.get())));
    EXPECT_EQ(counter(plain, "calls"), calls + 3);
}

TEST_P(Failing, FirmwareGivesItsErrorToTheIoctlAndNoBlob) {
    OneShot shot(asked_);
    const tsmfd_report_req before = shot.req;
    {
        const Setting fault(plain, GetParam().setting, 1000);
        EXPECT_EQ(shot.call(fd_.get()), fails(GetParam().error));
    }
    EXPECT_TRUE(same(shot.req, before));
    EXPECT_TRUE(shot.untouched());
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(asked_, shot.outblob(), shot.auxblob()));
}

TEST_P(Failing, FirmwareOnAWorkerGivesItsErrorToRead) {
    const Setting latency(plain, "latency_us", 2000); // so that no caller runs it itself
    const Setting fault(plain, GetParam().setting, 1000);
    set(fd_.get(), asked_);
    EXPECT_EQ(get(fd_.get(), buffer_), fails(GetParam().error));
}

TEST_P(Failing, FirmwareIsAskedAgainByANonBlockingReader) {
    const auto events = [](int fd) {
        pollfd polled{.fd = fd, .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&polled, 1, 20'000), 1);
        return polled.revents;
    };
    const UniqueFd fd = open_device(plain, O_NONBLOCK);
    const Setting latency(plain, "latency_us", 2000);
    {
        const Setting fault(plain, GetParam().setting, 1000);
        set(fd.get(), asked_);
        EXPECT_EQ(events(fd.get()), POLLIN | POLLERR);
        EXPECT_EQ(get(fd.get(), buffer_), fails(GetParam().error));
    }
    EXPECT_EQ(get(fd.get(), buffer_), fails(EAGAIN)) << "which starts it anew";
    EXPECT_EQ(events(fd.get()), POLLIN);
    EXPECT_TRUE(answers(asked_, read_to_end(fd.get())));
}

INSTANTIATE_TEST_SUITE_P(By, Failing,
                         testing::Values(Fault{"AnError", "fail_permille", EIO},
                                         Fault{"BeingBusy", "busy_permille", EBUSY},
                                         Fault{"AReportThatIsTooLong", "oversize_permille",
                                               EBADMSG}),
                         [](const auto& fault) { return fault.param.name; });

class Faults : public GuestTest {
protected:
    UniqueFd fd_ = open_device(plain);
};

TEST_F(Faults, ShortReportIsGivenAsItIsAndFailsItsVerdict) {
    const Setting fault(plain, "short_permille", 1000);
    const Options asked = ask(1);
    set(fd_.get(), asked);
    const Bytes report = read_to_end(fd_.get());
    EXPECT_EQ(report.size(), report_size / 2);
    EXPECT_EQ(verdict_on(asked, report).kind, tsmfd::Verdict::Kind::malformed);
}

TEST_F(Faults, FailureOfHalfTheCallsSparesTheOtherHalf) {
    const Setting fault(plain, "fail_permille", 500);
    unsigned served = 0;
    unsigned failed = 0;
    for (unsigned i = 0; i < 200; ++i) {
        const Options asked = ask(i % 4);
        OneShot shot(asked);
        const Outcome outcome = shot.call(fd_.get());
        if (outcome == fails(EIO)) {
            ++failed;
            continue;
        }
        ASSERT_EQ(outcome, gives(0));
        ++served;
        EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    }
    EXPECT_GT(served, 20U);
    EXPECT_GT(failed, 20U);
}

TEST_F(Faults, OfOneInstanceLeaveTheOthersAlone) {
    const Setting fault(plain, "fail_permille", 1000);
    const UniqueFd unaffected = open_device(other);
    const Options asked = ask(2);
    set(unaffected.get(), asked);
    EXPECT_TRUE(answers(asked, read_to_end(unaffected.get())));
}

} // namespace
} // namespace guest
