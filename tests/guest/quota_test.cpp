// SPDX-License-Identifier: MIT
//
// What a user may have, and how it is said that it may not: quotas, the privlevel of who opens, the
// mode of the node.
#include "support/files.hpp"
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <tsmfd/netlink.hpp>

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace guest {
namespace {

constexpr uid_t nobody = 65534;

// A parameter of tsmfd, put back at the end.
class Parameter {
public:
    Parameter(const std::string& name, std::uint64_t value)
        : path_("/sys/module/tsmfd/parameters/" + name), before_(read_line(path_)) {
        write_file(path_, std::to_string(value));
    }
    ~Parameter() { write_file(path_, before_); }
    Parameter(const Parameter&) = delete;
    Parameter& operator=(const Parameter&) = delete;

private:
    std::string path_;
    std::string before_;
};

// Without capabilities, as long as it lives; of the same real user.
class Unprivileged {
public:
    Unprivileged() { EXPECT_EQ(::seteuid(nobody), 0); }
    ~Unprivileged() { EXPECT_EQ(::seteuid(0), 0); }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
};

class Quota : public GuestTest {
protected:
    static UniqueFd start() {
        UniqueFd fd = open_device(plain, O_NONBLOCK);
        const std::string text = ask().text();
        EXPECT_EQ(put(fd.get(), text), gives(text.size()));
        return fd;
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

TEST_F(Quota, RefusesANonBlockingWriteWithEAGAINAndChangesNothing) {
    const Parameter limit("quota_requests", 2);
    Hang hang(plain);
    const UniqueFd first = start();
    const UniqueFd second = start();
    const UniqueFd third = open_device(plain, O_NONBLOCK);
    {
        const Unprivileged now;
        EXPECT_EQ(put(third.get(), ask().text()), fails(EAGAIN));
    }
    hang.end();
    pollfd poll{.fd = second.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&poll, 1, 20'000), 1);
    EXPECT_EQ(put(third.get(), "privlevel=1"), gives(11));
    Bytes buffer(16);
    EXPECT_EQ(get(third.get(), buffer), fails(EINVAL)) << "it has an inblob";
}

TEST_F(Quota, RefusesABlockingCallWithEDQUOT) {
    const Parameter limit("quota_requests", 1);
    Hang hang(plain);
    const UniqueFd first = start();
    const UniqueFd second = open_device(plain);
    set(second.get(), ask());
    OneShot one_shot(ask());
    Bytes buffer(16);
    {
        const Unprivileged now;
        EXPECT_EQ(one_shot.call(second.get()), fails(EDQUOT));
        EXPECT_EQ(get(second.get(), buffer), fails(EDQUOT));
    }
    hang.end();
}

TEST_F(Quota, LetsWhoIsPrivilegedPass) {
    const Parameter limit("quota_requests", 1);
    Hang hang(plain);
    const UniqueFd first = start();
    const UniqueFd second = start();
    hang.end();
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
