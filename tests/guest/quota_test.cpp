// SPDX-License-Identifier: MIT
//
// What a user may have, and how it is said that it may not: quotas, the privlevel of who opens, the
// mode of the node.
#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/sysfs2023_path.hpp"
#include "support/test.hpp"
#include "support/users.hpp"
#include "support/watch.hpp"

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/netlink.hpp>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <tuple>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace guest {
namespace {

constexpr std::uint32_t readable = EPOLLIN;
constexpr std::uint32_t failed = EPOLLIN | EPOLLERR;

class Quota : public GuestTest {
protected:
    // The 2023 interface keeps the report that was read last, which is a request of root's, until
    // its options are set.
    Quota() {
        if (const std::string inhex = sysfs2023_path(plain, "inhex");
            ::access(inhex.c_str(), F_OK) == 0)
            write_file(inhex, "00");
    }

    [[nodiscard]] static std::uint32_t poll_for(const UniqueFd& fd, int limit_ms) {
        return Watch::of(fd.get(), Way::poll)->wait(limit_ms);
    }

    // A file whose request is in flight.
    static UniqueFd started() {
        UniqueFd fd = open_device(plain, O_NONBLOCK);
        set(fd.get(), ask());
        EXPECT_EQ(poll_for(fd, 0) & ~readable, 0U);
        return fd;
    }

    // A file whose report is there and has not been read.
    static UniqueFd answered() {
        UniqueFd fd = started();
        EXPECT_EQ(poll_for(fd, patience_ms), readable);
        return fd;
    }

    // What the user is told who asks for one more.
    static Outcome one_more() {
        const UniqueFd fd = open_device(plain);
        const Unprivileged now;
        OneShot shot(ask());
        shot.req.timeout_ms = patience_ms;
        return shot.call(fd.get());
    }

    // The next event of that kind.
    static tsmfd::Event next(tsmfd::EventStream& events, tsmfd::Event::Kind kind) {
        for (int tries = 0; tries < 10; ++tries) {
            const auto event = events.next(2000);
            if (event && *event && (*event)->kind == kind)
                return **event;
        }
        ADD_FAILURE() << "no such event";
        return {};
    }
};

TEST_F(Quota, RefusesAReadWithEDQUOT) {
    const Parameter limit("quota_requests", 1);
    Hang hang(plain);
    const UniqueFd first = started();
    Bytes buffer(16);
    const auto refused = [&](const UniqueFd& fd) {
        const Unprivileged now;
        return get(fd.get(), buffer);
    };
    const UniqueFd fd = open_device(plain, O_NONBLOCK);
    set(fd.get(), ask());
    EXPECT_EQ(refused(fd), fails(EDQUOT));
    EXPECT_EQ(refused(fd), fails(EDQUOT)) << "once more";

    const UniqueFd waits = open_device(plain);
    set(waits.get(), ask());
    Caller reader([&] { return refused(waits); });
    EXPECT_TRUE(await([&] { return reader.returned(); }, milliseconds(patience_ms)));
    hang.end();
    EXPECT_EQ(reader.result(), fails(EDQUOT));
}

TEST_F(Quota, RefusesAnIoctlWithEDQUOT) {
    const Parameter limit("quota_requests", 1);
    const Hang hang(plain);
    const UniqueFd first = started();
    EXPECT_EQ(one_more(), fails(EDQUOT));
}

TEST_F(Quota, NeverRefusesAWrite) {
    const Parameter limit("quota_requests", 1);
    const Hang hang(plain);
    const UniqueFd first = started();
    for (const int flags : {0, O_NONBLOCK}) {
        const UniqueFd fd = open_device(plain, flags);
        const Unprivileged now;
        const std::string text = ask().text();
        EXPECT_EQ(put(fd.get(), text), gives(text.size()));
        EXPECT_EQ(put(fd.get(), "privlevel=1"), gives(11));
    }
}

TEST_F(Quota, LetsWhoIsPrivilegedPass) {
    const Parameter limit("quota_requests", 1);
    const Hang hang(plain);
    const UniqueFd first = started();
    const UniqueFd second = started();
    EXPECT_EQ(poll_for(second, 0), 0U) << "it waits as the first does";
}

TEST_F(Quota, CountsReportsThatNobodyHasReadYet) {
    const Parameter limit("quota_requests", 4);
    const UniqueFd held[] = {answered(), answered(), answered(), answered()};
    EXPECT_EQ(one_more(), fails(EDQUOT));
    Bytes some(500);
    EXPECT_EQ(get(held[1].get(), some), gives(500));
    EXPECT_EQ(one_more(), fails(EDQUOT)) << "one has been read in part";
}

TEST_F(Quota, IsFreeAgainOnceAReportHasBeenReadToItsEnd) {
    const Parameter limit("quota_requests", 4);
    const UniqueFd held[] = {answered(), answered(), answered(), answered()};
    EXPECT_EQ(one_more(), fails(EDQUOT));
    (void)read_to_end(held[2].get());
    EXPECT_EQ(one_more(), gives(0));
    EXPECT_EQ(one_more(), gives(0)) << "a one-shot call leaves nothing behind";
}

TEST_F(Quota, IsFreeAgainOnceAFileWithAReportIsClosed) {
    const Parameter limit("quota_requests", 4);
    UniqueFd held[] = {answered(), answered(), answered(), answered()};
    EXPECT_EQ(one_more(), fails(EDQUOT));
    held[0].reset();
    EXPECT_EQ(one_more(), gives(0));
}

TEST_F(Quota, IsFreeAgainOnceOtherOptionsTakeAReportsPlace) {
    const Parameter limit("quota_requests", 4);
    const UniqueFd held[] = {answered(), answered(), answered(), answered()};
    EXPECT_EQ(one_more(), fails(EDQUOT));
    set(held[3].get(), ask());
    EXPECT_EQ(one_more(), gives(0));
}

TEST_F(Quota, CountsAReportThatAnIoctlHadNoRoomForAndLetsItBeFetched) {
    const Parameter limit("quota_requests", 1);
    const UniqueFd fd = open_device(plain);
    const Options asked = ask();
    OneShot small(asked, 100);
    OneShot large(asked);
    {
        const Unprivileged now;
        EXPECT_EQ(small.call(fd.get()), fails(EMSGSIZE));
    }
    EXPECT_EQ(one_more(), fails(EDQUOT));
    {
        const Unprivileged now;
        EXPECT_EQ(large.call(fd.get()), gives(0)) << "it needs no place but the one it has";
    }
    EXPECT_EQ(large.req.generation, small.req.generation);
    EXPECT_EQ(one_more(), gives(0));
}

class QuotaUnderPoll
    : public Quota,
      public testing::WithParamInterface<std::tuple<Way, bool /* non-blocking */>> {
protected:
    void SetUp() override {
        if (!can_watch_by(way()))
            GTEST_SKIP() << "this kernel has no io_uring";
    }
    static Way way() { return std::get<0>(GetParam()); }

    [[nodiscard]] std::unique_ptr<Watch> watch() const { return Watch::of(fd_.get(), way()); }

    // Polls as who may be refused, until it is, and takes note of it.
    void expect_refusal() {
        const Unprivileged now;
        const auto watch = this->watch();
        ASSERT_EQ(watch->wait(patience_ms), failed);
        if (way() != Way::epoll_edge) {
            EXPECT_EQ(watch->wait(0), failed) << "while nobody has read it";
        }
        Bytes buffer(16);
        EXPECT_EQ(get(fd_.get(), buffer), fails(EDQUOT));
        EXPECT_EQ(watch->wait(soon_ms), 0U) << "it has been read, and there is no place yet";
    }

    // Somebody asleep in a poll, who may be refused; wakes when `free` makes room.
    void expect_report_after(const std::function<void()>& free) {
        Caller sleeper([this] {
            const Unprivileged now;
            return gives(watch()->wait(asleep_ms));
        });
        ASSERT_TRUE(sleeper.blocks());
        free();
        EXPECT_EQ(woken(sleeper), gives(readable));
        EXPECT_EQ(poll_for(fd_, 0), readable);
        EXPECT_TRUE(answers(asked_, read_to_end(fd_.get())));
    }

    UniqueFd fd_ = open_device(plain, std::get<1>(GetParam()) ? O_NONBLOCK : 0);
    Options asked_ = ask(2);
    Parameter limit_{"quota_requests", 1};
};

INSTANTIATE_TEST_SUITE_P(By, QuotaUnderPoll,
                         testing::Combine(testing::Values(Way::poll, Way::epoll_level,
                                                          Way::epoll_edge, Way::io_uring),
                                          testing::Bool()),
                         [](const auto& test) {
                             return std::string(name_of(std::get<0>(test.param))) +
                                    (std::get<1>(test.param) ? "NonBlocking" : "Blocking");
                         });

TEST_P(QuotaUnderPoll, IsSaidAndThenWaitedForUntilARequestIsAnsweredAndRead) {
    Hang hang(plain);
    const UniqueFd other = started();
    set(fd_.get(), asked_);
    expect_refusal();
    expect_report_after([&] {
        hang.end();
        EXPECT_EQ(poll_for(other, patience_ms), readable);
        (void)read_to_end(other.get());
    });
}

TEST_P(QuotaUnderPoll, IsSaidAndThenWaitedForUntilARequestIsGivenUp) {
    Hang hang(plain);
    UniqueFd other = started();
    set(fd_.get(), asked_);
    expect_refusal();
    expect_report_after([&] {
        other.reset();
        hang.end();
    });
}

TEST_P(QuotaUnderPoll, IsSaidAndThenWaitedForUntilAnUnreadReportIsClosed) {
    UniqueFd other = answered();
    set(fd_.get(), asked_);
    expect_refusal();
    expect_report_after([&] { other.reset(); });
}

TEST_P(QuotaUnderPoll, IsSaidAnewAfterAWrite) {
    UniqueFd other = answered();
    set(fd_.get(), ask());
    expect_refusal();
    set(fd_.get(), asked_);
    expect_refusal();
    expect_report_after([&] { other.reset(); });
}

TEST_F(Quota, OfBytesRefusesToo) {
    const Parameter limit("quota_bytes", 1);
    OneShot one_shot(ask());
    const UniqueFd fd = open_device(plain);
    const Unprivileged now;
    EXPECT_EQ(one_shot.call(fd.get()), fails(EDQUOT));
}

TEST_F(Quota, SaysSo) {
    auto events = tsmfd::EventStream::open();
    auto netlink = tsmfd::Netlink::open();
    ASSERT_TRUE(events && netlink);
    const auto before = netlink->stats(plain);
    ASSERT_TRUE(before);
    const Parameter limit("quota_bytes", 1);
    OneShot one_shot(ask());
    const UniqueFd fd = open_device(plain);
    {
        const Unprivileged now;
        EXPECT_EQ(one_shot.call(fd.get()), fails(EDQUOT));
    }
    const tsmfd::Event event = next(*events, tsmfd::Event::Kind::quota);
    EXPECT_EQ(event.error, EDQUOT);
    EXPECT_EQ(event.uid, 0U);
    const auto after = netlink->stats(plain);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->over_quota, before->over_quota + 1);
    EXPECT_EQ(after->quota_bytes, 1U);
}

class OpenersFloor : public Quota {
protected:
    OpenersFloor() { EXPECT_EQ(::chmod(device_path(plain).c_str(), 0666), 0); }
    ~OpenersFloor() override { EXPECT_EQ(::chmod(device_path(plain).c_str(), 0600), 0); }

    static UniqueFd open_unprivileged() {
        const Unprivileged now;
        return open_device(plain);
    }

private:
    Parameter floor_{"unprivileged_floor", 2};
};

TEST_F(OpenersFloor, RefusesAPrivlevelBelowIt) {
    const UniqueFd fd = open_unprivileged();
    OneShot one_shot(ask(1));
    EXPECT_EQ(put(fd.get(), "privlevel=1 inblob=00"), fails(EPERM));
    EXPECT_EQ(one_shot.call(fd.get()), fails(EPERM));
    EXPECT_EQ(put(fd.get(), "privlevel=2 inblob=00"), gives(21));
}

TEST_F(OpenersFloor, IsWhatNoPrivlevelStandsFor) {
    const UniqueFd fd = open_unprivileged();
    OneShot one_shot(ask());
    ASSERT_EQ(one_shot.call(fd.get()), gives(0));
    EXPECT_EQ(tag_of(one_shot.outblob()).privlevel, 2U);
}

TEST_F(OpenersFloor, IsWhatInfoSays) {
    tsmfd_info info{};
    ASSERT_EQ(call_ioctl(open_unprivileged().get(), TSMFD_IOC_INFO, &info), gives(0));
    EXPECT_EQ(info.privlevel_floor, 2U);
    ASSERT_EQ(call_ioctl(open_device(plain).get(), TSMFD_IOC_INFO, &info), gives(0));
    EXPECT_EQ(info.privlevel_floor, 0U) << "of who opened it with privilege";
    EXPECT_EQ(attribute(plain, "privlevel_floor"), "0") << "the provider's";
}

// What was used, what INFO says of the open file, and what a batch's leaf binds are the same: who
// verifies needs no more than INFO.
TEST_F(OpenersFloor, IsWhatALeafBindsToo) {
    const UniqueFd fd = open_unprivileged();
    tsmfd_info info{};
    ASSERT_EQ(call_ioctl(fd.get(), TSMFD_IOC_INFO, &info), gives(0));
    const Options asked = ask();
    OneShot shot(asked);
    GuardedBuffer proof_room(4096);
    shot.req.flags |= TSMFD_OPT_BATCH;
    shot.req.proof = proof_room.address();
    shot.req.proof_len = static_cast<std::uint32_t>(proof_room.room());
    ASSERT_EQ(shot.call(fd.get()), gives(0));

    EXPECT_EQ(tag_of(shot.outblob()).privlevel, info.privlevel_floor) << "the report";
    const auto proof = tsmfd::parse_batch_proof(proof_room.first(shot.req.proof_len));
    ASSERT_TRUE(proof) << proof.error().message();
    const auto root = tsmfd::report_data_of(shot.outblob()).value();
    const auto proven = [&](std::uint32_t privlevel) {
        return tsmfd::verify_batch({.inblob = asked.inblob, .privlevel = privlevel}, *proof, root)
            .has_value();
    };
    EXPECT_TRUE(proven(info.privlevel_floor)) << "INFO says " << info.privlevel_floor;
    EXPECT_TRUE(proven(2));
    EXPECT_FALSE(proven(0)) << "the provider's floor, which was not used";
}

TEST_F(OpenersFloor, IsWhatALeafOfAFileReadBinds) {
    const UniqueFd fd = open_unprivileged();
    const Options asked = ask();
    EXPECT_EQ(put(fd.get(), "batch=1"), gives(7));
    set(fd.get(), asked);
    const Bytes stream = read_to_end(fd.get());
    const auto answer = tsmfd::split_batch(stream);
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(tag_of(answer->outblob).privlevel, 2U);
    EXPECT_TRUE(tsmfd::verify_batch({.inblob = asked.inblob, .privlevel = 2}, answer->proof,
                                    tsmfd::report_data_of(answer->outblob).value()));
}

TEST_F(OpenersFloor, IsNotForWhoIsPrivileged) {
    OneShot one_shot(ask(0));
    const UniqueFd fd = open_device(plain);
    const Unprivileged now;
    EXPECT_EQ(one_shot.call(fd.get()), gives(0)) << "the opener counts, not the caller";
}

TEST_F(OpenersFloor, IsToldOf) {
    auto events = tsmfd::EventStream::open();
    ASSERT_TRUE(events);
    const UniqueFd fd = open_unprivileged();
    EXPECT_EQ(put(fd.get(), "privlevel=0"), fails(EPERM));
    const tsmfd::Event event = next(*events, tsmfd::Event::Kind::refused);
    EXPECT_EQ(event.error, EPERM);
    EXPECT_EQ(event.provider.index, plain);
}

TEST(Node, IsTheSuperusersAlone) {
    struct stat status {};
    ASSERT_EQ(::stat(device_path(other).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(status.st_uid, 0U);
}

} // namespace
} // namespace guest
