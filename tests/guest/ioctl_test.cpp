// SPDX-License-Identifier: MIT
//
// TSMFD_IOC_REPORT of /dev/tsmfdN, asked rightly.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <chrono>
#include <set>
#include <tuple>

#include <fcntl.h>

namespace guest {
namespace {

class ReportIoctl : public GuestTest {
protected:
    ReportIoctl() : fd_(open_device(plain)) {}

    UniqueFd fd_;
};

class ReportIoctlOf : public ReportIoctl,
                      public testing::WithParamInterface<std::tuple<unsigned, Format>> {};

TEST_P(ReportIoctlOf, GivesTheReportAndItsLengths) {
    const auto [privlevel, format] = GetParam();
    const Options asked = ask(privlevel, format);
    OneShot shot(asked);
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_EQ(shot.req.outblob_len, report_size);
    EXPECT_EQ(shot.req.auxblob_len, format == Format::extended ? cert_table_size : 0);
    EXPECT_EQ(shot.req.manifestblob_len, 0U);
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    EXPECT_TRUE(shot.untouched_outside());
}

INSTANTIATE_TEST_SUITE_P(Each, ReportIoctlOf,
                         testing::Combine(testing::Range(0U, 4U),
                                          testing::Values(Format::plain, Format::extended)),
                         [](const auto& test) {
                             return "Privlevel" + std::to_string(std::get<0>(test.param)) +
                                    (std::get<1>(test.param) == Format::plain ? "Default"
                                                                              : "Extended");
                         });

TEST_F(ReportIoctl, TakesInblobsOf1To64Bytes) {
    for (const std::size_t size : {1U, 2U, 32U, 63U, 64U}) {
        const Options asked = ask(1, Format::plain, size);
        OneShot shot(asked);
        ASSERT_EQ(shot.call(fd_.get()), gives(0)) << size;
        EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    }
}

TEST_F(ReportIoctl, WithoutAPrivlevelMeansTheProvidersFloor) {
    for (const Instance instance : {plain, floored}) {
        OneShot shot(ask());
        ASSERT_EQ(shot.call(open_device(instance).get()), gives(0));
        EXPECT_EQ(tag_of(shot.outblob()).privlevel, instance == floored ? floored_privlevel : 0);
    }
}

TEST_F(ReportIoctl, ChangesOfItsStructureOnlyWhatComesOut) {
    OneShot shot(ask(2, Format::extended));
    tsmfd_report_req expected = shot.req;
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    expected.outblob_len = report_size;
    expected.auxblob_len = cert_table_size;
    expected.manifestblob_len = 0;
    expected.generation = shot.req.generation;
    EXPECT_TRUE(same(shot.req, expected));
}

TEST_F(ReportIoctl, IntoBuffersOfExactlyTheReportsSizeFits) {
    const Options asked = ask(1, Format::extended);
    OneShot shot(asked, report_size, cert_table_size, 0);
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    EXPECT_TRUE(shot.untouched_outside());
}

TEST_F(ReportIoctl, LeavesOutBlobsThatAreNotWanted) {
    OneShot shot(ask(1, Format::extended));
    shot.req.auxblob = 0;
    shot.req.auxblob_len = 0;
    shot.req.manifestblob = 0;
    shot.req.manifestblob_len = 0;
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_EQ(shot.req.auxblob_len, cert_table_size) << "its length is to be known";
    EXPECT_EQ(tag_of(shot.outblob()).format, TSMFD_FORMAT_EXTENDED);
}

TEST_F(ReportIoctl, CountsTheProvidersReportsInItsGeneration) {
    OneShot first(ask());
    OneShot second(ask());
    ASSERT_EQ(first.call(fd_.get()), gives(0));
    ASSERT_EQ(second.call(open_device(plain).get()), gives(0));
    EXPECT_EQ(second.req.generation, first.req.generation + 1);
}

TEST_F(ReportIoctl, MakesANewReportForTheSameOptions) {
    const Options asked = ask();
    OneShot first(asked);
    OneShot second(asked);
    ASSERT_EQ(first.call(fd_.get()), gives(0));
    ASSERT_EQ(second.call(fd_.get()), gives(0));
    EXPECT_NE(tag_of(first.outblob()).serial, tag_of(second.outblob()).serial);
}

TEST_F(ReportIoctl, LeavesTheFilesOwnOptionsAndReportAlone) {
    const Options asked = ask(1, Format::extended);
    set(fd_.get(), asked);
    Bytes report(700);
    ASSERT_EQ(get(fd_.get(), report), gives(700));
    OneShot shot(ask(3));
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    const Bytes rest = read_to_end(fd_.get());
    report.insert(report.end(), rest.begin(), rest.end());
    EXPECT_TRUE(answers(asked, report));
}

TEST_F(ReportIoctl, WorksOnAFileWithoutOptions) {
    const Options asked = ask();
    OneShot shot(asked);
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_EQ(put(fd_.get(), "privlevel=1"), gives(11));
    Bytes buffer(4096);
    EXPECT_EQ(get(fd_.get(), buffer), fails(EINVAL)) << "the one-shot inblob has stayed";
}

TEST_F(ReportIoctl, AcceptsTheStructuresFirstVersion) {
    const Options asked = ask(2);
    OneShot shot(asked);
    ASSERT_EQ(shot.call_with_size(fd_.get(), TSMFD_REPORT_REQ_SIZE_VER0), gives(0));
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
}

TEST_F(ReportIoctl, AcceptsALongerStructureWithZerosBehind) {
    constexpr std::size_t most = _IOC_SIZEMASK - sizeof(tsmfd_report_req);
    for (const std::size_t more : {std::size_t{1}, std::size_t{8}, std::size_t{4000}, most}) {
        const Options asked = ask(2);
        OneShot shot(asked);
        ASSERT_EQ(shot.call_with_size(fd_.get(), sizeof(shot.req) + more), gives(0)) << more;
        EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
    }
}

TEST_F(ReportIoctl, WithATimeoutThatIsLongEnoughGivesTheReport) {
    const Setting latency(plain, "latency_us", 5000);
    const Options asked = ask(2);
    OneShot shot(asked);
    shot.req.timeout_ms = 60'000;
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
}

TEST_F(ReportIoctl, GivesEtimedoutWhenTheFirmwareTakesLonger) {
    Hang hang(plain);
    OneShot shot(ask());
    shot.req.timeout_ms = 80;
    const tsmfd_report_req before = shot.req;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(shot.call(fd_.get()), fails(ETIMEDOUT));
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, milliseconds(75));
    EXPECT_LT(took, milliseconds(5000));
    EXPECT_TRUE(same(shot.req, before));
    EXPECT_TRUE(shot.untouched());

    hang.end();
    EXPECT_EQ(shot.call(fd_.get()), gives(0)) << "the file is of no use after a timeout";
}

TEST_F(ReportIoctl, GivesEtimedoutToOneThatWaitsItsTurnAndMakesNoFirmwareCallForIt) {
    Hang hang(plain);
    const std::uint64_t before = counter(plain, "calls");
    const UniqueFd holder = open_device(plain, O_NONBLOCK);
    begin(holder.get(), ask());
    ASSERT_TRUE(await([&] { return counter(plain, "calls") == before + 1; }));
    OneShot shot(ask());
    shot.req.timeout_ms = 30;
    EXPECT_EQ(shot.call(fd_.get()), fails(ETIMEDOUT));
    hang.end();
    EXPECT_TRUE(await([] { return counter(plain, "inflight") == 0; }));
    EXPECT_EQ(counter(plain, "calls"), before + 1);
}

class ManyThreads : public ReportIoctl,
                    public testing::WithParamInterface<std::tuple<unsigned, unsigned>> {};

// Options of all kinds, so that any mix-up shows.
Options ask_variously(unsigned number) {
    return ask(number % 4, number % 8 < 4 ? Format::plain : Format::extended, 1 + number % 64);
}

TEST_P(ManyThreads, ShareOneFileAndEachGetTheirOwnReports) {
    const auto [instance, latency_us] = GetParam();
    const UniqueFd fd = open_device(instance);
    const Setting latency(instance, "latency_us", latency_us);
    in_parallel(64, [&](unsigned thread) {
        for (unsigned i = 0; i < 5; ++i) {
            // 64 bytes for the threads to differ in more than their number.
            Options asked = ask_variously(thread + i);
            asked.inblob = ask().inblob;
            OneShot shot(asked);
            EXPECT_EQ(shot.call(fd.get()), gives(0));
            EXPECT_TRUE(answers(asked, shot.outblob(), shot.auxblob()));
            EXPECT_TRUE(shot.untouched_outside());
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    Of, ManyThreads,
    testing::Values(std::tuple{unsigned{plain}, 0U}, std::tuple{unsigned{plain}, 200U},
                    std::tuple{unsigned{wide}, 0U}, std::tuple{unsigned{wide}, 1000U}),
    [](const auto& test) {
        return std::string(std::get<0>(test.param) == wide ? "Wide" : "Serial") + "FirmwareOf" +
               std::to_string(std::get<1>(test.param)) + "Microseconds";
    });

TEST_F(ReportIoctl, OfManyThreadsGivesNoTwoTheSameFirmwareCall) {
    std::mutex lock;
    std::set<std::uint64_t> serials;
    in_parallel(16, [&](unsigned thread) {
        for (unsigned i = 0; i < 10; ++i) {
            OneShot shot(ask_variously(thread));
            EXPECT_EQ(shot.call(fd_.get()), gives(0));
            const std::scoped_lock guard(lock);
            EXPECT_TRUE(serials.insert(tag_of(shot.outblob()).serial).second);
        }
    });
    EXPECT_EQ(serials.size(), 160U);
}

} // namespace
} // namespace guest
