// SPDX-License-Identifier: MIT
//
// Generic netlink family tsmfd, through libtsmfd.
#include "support.hpp"
#include "support/files.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/key.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>

#include <array>
#include <numeric>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace {

using namespace guest;
using tsmfd::Event;
using tsmfd::EventStream;
using tsmfd::FaceId;
using tsmfd::Netlink;
using tsmfd::Stats;

class NetlinkTest : public GuestTest {
protected:
    Netlink netlink_ = Netlink::open().value();

    Stats stats(unsigned index, std::optional<FaceId> face = {}) {
        return netlink_.stats(index, face).value();
    }
};

std::uint64_t answered(const Stats& stats) {
    return std::accumulate(stats.latency.begin(), stats.latency.end(), std::uint64_t{0});
}

TEST_F(NetlinkTest, ProvidersAreWhatTheirDevicesSay) {
    const auto all = netlink_.providers().value();
    ASSERT_EQ(all.size(), std::size_t{instances});
    for (unsigned index = 0; index < instances; ++index) {
        const auto device = tsmfd::Device::open(index).value();
        EXPECT_EQ(all[index], device.info().value()) << index;
        EXPECT_EQ(all[index], netlink_.provider(index).value()) << index;
    }
    EXPECT_EQ(all[wide].max_inflight, wide_calls);
    EXPECT_EQ(all[floored].privlevel_floor, floored_privlevel);
}

TEST_F(NetlinkTest, ARefusalComesWithWords) {
    const auto got = netlink_.provider(9);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, ENODEV);
    EXPECT_NE(got.error().what.find("there is no provider with this number"), std::string::npos)
        << got.error().what;
    // The next question on the same socket is answered.
    EXPECT_TRUE(netlink_.provider(0).has_value());

    const auto face = netlink_.stats(0, static_cast<FaceId>(7));
    ASSERT_FALSE(face.has_value());
    EXPECT_GT(face.error().what.size(),
              ("get the statistics of " + tsmfd::device_name(0) + ": ").size());
}

TEST_F(NetlinkTest, CountsByFace) {
    const std::array faces = {FaceId::chardev, FaceId::key, FaceId::sysfs, FaceId::configfs};
    std::array<Stats, 4> before;
    for (std::size_t i = 0; i < faces.size(); ++i)
        before.at(i) = stats(plain, faces.at(i));
    const Stats sum = stats(plain);
    const Stats another = stats(other);

    const auto device = tsmfd::Device::open(plain).value();
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(device.report(ask()).has_value());
    const auto key = tsmfd::Key::add("k", {.options = ask(), .provider = plain}).value();
    Bytes buffer;
    ASSERT_TRUE(key.read(buffer).has_value());
    ASSERT_TRUE(key.read(buffer).has_value());

    const std::array<std::uint64_t, 4> expected = {3, 1, 0, 0};
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const Stats now = stats(plain, faces.at(i));
        EXPECT_EQ(now.requests - before.at(i).requests, expected.at(i)) << i;
        EXPECT_EQ(now.reports - before.at(i).reports, expected.at(i)) << i;
        EXPECT_EQ(answered(now) - answered(before.at(i)), expected.at(i)) << i;
        EXPECT_TRUE(now.at_rest());
    }
    EXPECT_EQ(stats(plain).requests - sum.requests, 4U);
    EXPECT_EQ(stats(other).requests, another.requests) << "counts another's requests";
    EXPECT_EQ(stats(other).reports, another.reports) << "counts another's reports";
    EXPECT_EQ(netlink_.all_stats().value().size(), instances * faces.size());
}

TEST_F(NetlinkTest, CountsFailuresAndLatency) {
    const Stats before = stats(plain);
    const auto device = tsmfd::Device::open(plain).value();
    {
        const Setting fails(plain, "fail_permille", 1000);
        EXPECT_FALSE(device.report(ask()).has_value());
    }
    const Setting slow(plain, "latency_us", 20'000);
    EXPECT_TRUE(device.report(ask()).has_value());
    const Stats now = stats(plain);
    EXPECT_EQ(now.failures - before.failures, 1U);
    EXPECT_EQ(now.reports - before.reports, 1U);
    std::uint64_t slower = 0;
    for (std::size_t bucket = 0; bucket < Stats::buckets; ++bucket) {
        // 20 ms is in the bucket from 16384 us on, or in a later one.
        if (Stats::bucket_from_us(bucket) >= 16'384)
            slower += now.latency.at(bucket) - before.latency.at(bucket);
    }
    EXPECT_EQ(slower, 1U);
}

// Of all kinds at once: short and long calls, batches, failures, and requests that are given up.
TEST_F(NetlinkTest, TheHistogramCountsEachAnswerOnce) {
    const std::array faces = {FaceId::chardev, FaceId::key, FaceId::sysfs, FaceId::configfs};
    std::array<Stats, 4> before;
    for (std::size_t i = 0; i < faces.size(); ++i)
        before.at(i) = stats(plain, faces.at(i));

    const Setting failures(plain, "fail_permille", 300);
    for (const std::uint64_t latency_us : {0U, 500U}) {
        const Setting latency(plain, "latency_us", latency_us);
        in_parallel(12, [](unsigned thread) {
            const auto device = tsmfd::Device::open(plain).value();
            for (unsigned i = 0; i < 20; ++i) {
                Options asked = ask(thread % 4);
                Bytes buffer(8192);
                if (thread % 4 == 0) {
                    (void)device.report(asked);
                } else if (thread % 4 == 1) {
                    asked.batch = true;
                    (void)device.report(asked);
                } else if (thread % 4 == 2) {
                    const auto key = tsmfd::Key::add("k" + std::to_string(thread),
                                                     {.options = asked, .provider = plain});
                    if (key)
                        (void)key->read(buffer);
                } else {
                    const UniqueFd given_up = open_device(plain, O_NONBLOCK);
                    begin(given_up.get(), asked);
                }
            }
        });
    }
    EXPECT_TRUE(await([&] { return stats(plain).at_rest(); }));

    for (std::size_t i = 0; i < faces.size(); ++i) {
        const Stats now = stats(plain, faces.at(i));
        const std::uint64_t reports = now.reports - before.at(i).reports;
        const std::uint64_t failed = now.failures - before.at(i).failures;
        EXPECT_EQ(answered(now) - answered(before.at(i)), reports + failed) << "face " << i;
        EXPECT_EQ(answered(now), now.reports + now.failures) << "face " << i;
        if (i < 2) {
            EXPECT_GT(reports, 0U) << "face " << i;
            EXPECT_GT(failed, 0U) << "face " << i;
        }
    }
}

TEST_F(NetlinkTest, CountsWhatIsInFlight) {
    Hang hang(wide);
    EXPECT_EQ(stats(wide).in_flight, 0U);
    std::vector<UniqueFd> files;
    for (unsigned i = 1; i <= wide_calls + 2; ++i) {
        files.push_back(open_device(wide, O_NONBLOCK));
        begin(files.back().get(), ask());
        const unsigned expected = std::min(i, wide_calls);
        EXPECT_TRUE(await([&] { return stats(wide).in_flight == expected; })) << expected;
    }
    hang.end();
    EXPECT_TRUE(await([&] { return stats(wide).in_flight == 0; }));
}

TEST_F(NetlinkTest, CountsWhatIsGivenUp) {
    const Stats before = stats(plain);
    {
        Hang hang(plain);
        auto at_it = tsmfd::Device::open(plain, tsmfd::Blocking::no).value();
        begin(at_it.fd(), ask());
        // A worker has its slot before it takes the request from the queue.
        EXPECT_TRUE(await([&] {
            const Stats now = stats(plain);
            return now.in_flight == 1 && now.queued == 0;
        }));
        auto waiting = tsmfd::Device::open(plain, tsmfd::Blocking::no).value();
        begin(waiting.fd(), ask());
        EXPECT_EQ(stats(plain).queued, 1U);
        EXPECT_FALSE(stats(plain).at_rest());
    }
    EXPECT_TRUE(await([&] { return stats(plain).at_rest(); }));
    const Stats now = stats(plain);
    EXPECT_EQ(now.requests - before.requests, 2U);
    EXPECT_EQ(now.cancelled - before.cancelled, 2U);
    EXPECT_EQ(now.queued, 0U);
}

TEST_F(NetlinkTest, CountsOfAnyWidthArrive) {
    // Numbers below 2^32 take 4 bytes in a message, others 8.
    const std::string file = "/sys/module/tsmfd/parameters/quota_bytes";
    const std::string before = read_line(file);
    for (const std::uint64_t bytes :
         {std::uint64_t{0}, std::uint64_t{0xffff'ffff}, std::uint64_t{0x1'0000'0000},
          std::uint64_t{0x12'3456'789a}}) {
        write_file(file, std::to_string(bytes));
        EXPECT_EQ(stats(plain).quota_bytes, bytes);
    }
    write_file(file, before);
    EXPECT_EQ(std::to_string(stats(plain).quota_bytes), before);
}

TEST_F(NetlinkTest, AnybodyMayLook) {
    EXPECT_EQ(faces::as_nobody([] {
                  auto netlink = Netlink::open();
                  return netlink && netlink->providers() && netlink->stats(plain) ? 0 : 1;
              }),
              0);
}

// They say which users are over a quota.
TEST_F(NetlinkTest, EventsAreForTheAdministratorOfTheNetwork) {
    const auto join = [] {
        const auto events = EventStream::open();
        if (!events && events.error().what.find("CAP_NET_ADMIN") == std::string::npos)
            return 251;
        return events ? 0 : events.error().code;
    };
    EXPECT_EQ(faces::as_nobody(join), EPERM);
    // Root of a user namespace of his own has CAP_NET_ADMIN there, which is not enough.
    EXPECT_EQ(faces::in_child([&] { return ::unshare(CLONE_NEWUSER) != 0 ? 250 : join(); }), EPERM);
    EXPECT_EQ(faces::in_child(join), 0);
}

TEST_F(NetlinkTest, IsInTheInitialNetworkNamespaceOnly) {
    EXPECT_EQ(faces::in_child([] {
                  if (::unshare(CLONE_NEWNET) != 0)
                      return 250;
                  const auto netlink = Netlink::open();
                  return netlink ? 0 : netlink.error().code;
              }),
              ENOENT);
}

TEST_F(NetlinkTest, TellsOfFailuresAtMostTenASecond) {
    auto events = EventStream::open().value();
    const auto device = tsmfd::Device::open(plain).value();
    constexpr unsigned failures = 60;
    {
        const Setting fails(plain, "fail_permille", 1000);
        for (unsigned i = 0; i < failures; ++i)
            EXPECT_EQ(device.report(ask()).error().code, EIO);
    }
    unsigned seen = 0;
    for (;;) {
        const auto event = events.next(0).value();
        if (!event)
            break;
        EXPECT_EQ(event->kind, Event::Kind::failed);
        EXPECT_EQ(event->provider.index, unsigned{plain});
        EXPECT_EQ(event->provider.name, "tsmfd_emu");
        EXPECT_EQ(event->error, EIO);
        ++seen;
    }
    EXPECT_GE(seen, 1U);
    if (!kernel_is_instrumented()) { // where 60 calls may take seconds
        EXPECT_LE(seen, 20U);
    }

    const Setting busy(plain, "busy_permille", 1000);
    EXPECT_EQ(device.report(ask()).error().code, EBUSY);
    const auto throttled = events.next(5000).value();
    ASSERT_TRUE(throttled.has_value());
    EXPECT_EQ(throttled->kind, Event::Kind::throttled);
    EXPECT_EQ(throttled->error, EBUSY);
}

TEST_F(NetlinkTest, TellsOfProvidersThatComeAndGo) {
    const auto before = netlink_.providers().value();
    auto events = EventStream::open().value();
    faces::EmulatorGone gone;
    EXPECT_TRUE(netlink_.providers().value().empty());
    EXPECT_EQ(netlink_.stats(0).error().code, ENODEV);
    gone.end();
    for (const auto kind : {Event::Kind::removed, Event::Kind::added}) {
        for (unsigned index = 0; index < instances; ++index) {
            const auto event = events.next(5000).value();
            ASSERT_TRUE(event.has_value());
            EXPECT_EQ(event->kind, kind);
            EXPECT_EQ(event->provider, before[event->provider.index]);
        }
    }
    EXPECT_FALSE(events.next(0).value().has_value());
}

} // namespace
