// SPDX-License-Identifier: MIT
//
// TSMFD_IOC_REPORT with buffers that are too small: EMSGSIZE, and the report is not lost.
#include "support/one_shot.hpp"
#include "support/test.hpp"

namespace guest {
namespace {

class TooSmallABuffer : public GuestTest {
protected:
    TooSmallABuffer() : fd_(open_device(plain)) {}

    // EMSGSIZE with the lengths of an extended report, nothing written.
    void expect_too_small(OneShot& shot) const {
        ASSERT_EQ(shot.call(fd_.get()), fails(EMSGSIZE));
        EXPECT_EQ(shot.req.outblob_len, report_size);
        EXPECT_EQ(shot.req.auxblob_len, cert_table_size);
        EXPECT_EQ(shot.req.manifestblob_len, 0U);
        EXPECT_TRUE(shot.untouched());
    }

    UniqueFd fd_;
    Options asked_ = ask(2, Format::extended);
};

TEST_F(TooSmallABuffer, ForTheOutblobByOneByteGivesEmsgsizeAndAllLengths) {
    OneShot shot(asked_, report_size - 1);
    expect_too_small(shot);
}

TEST_F(TooSmallABuffer, ForTheAuxblobByOneByteGivesEmsgsizeAndAllLengths) {
    OneShot shot(asked_, report_size, cert_table_size - 1);
    expect_too_small(shot);
}

TEST_F(TooSmallABuffer, OfNoBytesAsksForTheLengths) {
    OneShot shot(asked_, 0, 0, 0);
    shot.req.outblob = 0;
    shot.req.auxblob = 0;
    expect_too_small(shot);
}

TEST_F(TooSmallABuffer, ThenALargerOneGetsTheSameReportWithoutAFirmwareCall) {
    const std::uint64_t calls = counter(plain, "calls");
    OneShot small(asked_, 100);
    expect_too_small(small);
    OneShot large(asked_);
    ASSERT_EQ(large.call(fd_.get()), gives(0));
    EXPECT_EQ(large.req.generation, small.req.generation);
    EXPECT_TRUE(answers(asked_, large.outblob(), large.auxblob()));
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(TooSmallABuffer, TwiceStillKeepsTheReport) {
    const std::uint64_t calls = counter(plain, "calls");
    OneShot small(asked_, 100);
    expect_too_small(small);
    OneShot larger(asked_, report_size, 10);
    expect_too_small(larger);
    OneShot large(asked_);
    ASSERT_EQ(large.call(fd_.get()), gives(0));
    EXPECT_EQ(large.req.generation, small.req.generation);
    EXPECT_EQ(counter(plain, "calls"), calls + 1);
}

TEST_F(TooSmallABuffer, KeepsTheReportForOneCallOnly) {
    OneShot small(asked_, 100);
    expect_too_small(small);
    OneShot second(asked_);
    OneShot third(asked_);
    ASSERT_EQ(second.call(fd_.get()), gives(0));
    ASSERT_EQ(third.call(fd_.get()), gives(0));
    EXPECT_EQ(second.req.generation, small.req.generation);
    EXPECT_NE(third.req.generation, small.req.generation);
}

// Several threads may run into this at once, each with its own challenge.
TEST_F(TooSmallABuffer, KeepsSixteenReportsForTheirCallers) {
    constexpr unsigned kept = 16;
    const std::uint64_t calls = counter(plain, "calls");
    std::vector<Options> asked;
    std::vector<std::uint64_t> generations;
    for (unsigned i = 0; i < kept; ++i) {
        asked.push_back(ask(i % 4, Format::extended));
        OneShot small(asked.back(), 100);
        expect_too_small(small);
        generations.push_back(small.req.generation);
    }
    for (unsigned i = 0; i < kept; ++i) {
        OneShot large(asked[i]);
        ASSERT_EQ(large.call(fd_.get()), gives(0));
        EXPECT_EQ(large.req.generation, generations[i]) << "report " << i;
        EXPECT_TRUE(answers(asked[i], large.outblob(), large.auxblob()));
    }
    EXPECT_EQ(counter(plain, "calls"), calls + kept);
}

TEST_F(TooSmallABuffer, OfMoreThanItKeepsHasTheRestMadeAnew) {
    constexpr unsigned many = 40;
    std::vector<Options> asked;
    for (unsigned i = 0; i < many; ++i) {
        asked.push_back(ask(i % 4, Format::extended));
        OneShot small(asked.back(), 100);
        expect_too_small(small);
    }
    for (unsigned i = 0; i < many; ++i) {
        OneShot large(asked[i]);
        ASSERT_EQ(large.call(fd_.get()), gives(0));
        EXPECT_TRUE(answers(asked[i], large.outblob(), large.auxblob()));
    }
}

TEST_F(TooSmallABuffer, ThenOtherOptionsGetAReportOfTheirOwn) {
    OneShot small(asked_, 100);
    expect_too_small(small);
    for (const Options& other : {ask(2, Format::extended), ask(1), ask(2, Format::plain, 1)}) {
        OneShot shot(other);
        ASSERT_EQ(shot.call(fd_.get()), gives(0));
        EXPECT_TRUE(answers(other, shot.outblob(), shot.auxblob()));
        EXPECT_NE(shot.req.generation, small.req.generation);
    }
}

TEST_F(TooSmallABuffer, ThenTheSameInblobWithAnotherPrivlevelGetsAReportOfItsOwn) {
    OneShot small(asked_, 100);
    expect_too_small(small);
    Options other = asked_;
    other.privlevel = 1;
    OneShot shot(other);
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(other, shot.outblob(), shot.auxblob()));
}

TEST_F(TooSmallABuffer, ThenAnotherFileGetsAReportOfItsOwn) {
    OneShot small(asked_, 100);
    expect_too_small(small);
    OneShot shot(asked_);
    ASSERT_EQ(shot.call(open_device(plain).get()), gives(0));
    EXPECT_NE(shot.req.generation, small.req.generation);
}

TEST_F(TooSmallABuffer, ThenTheFileClosedLosesNothingElse) {
    OneShot small(asked_, 100);
    expect_too_small(small);
    fd_ = open_device(plain);
    OneShot shot(asked_);
    ASSERT_EQ(shot.call(fd_.get()), gives(0));
    EXPECT_TRUE(answers(asked_, shot.outblob(), shot.auxblob()));
}

TEST_F(TooSmallABuffer, LeavesTheFilesOwnReportAlone) {
    const Options own = ask(1);
    set(fd_.get(), own);
    OneShot small(asked_, 100);
    expect_too_small(small);
    EXPECT_TRUE(answers(own, read_to_end(fd_.get())));
}

TEST_F(TooSmallABuffer, OfManyThreadsOnOneFileMixesNothingUp) {
    const Setting latency(plain, "latency_us", 200);
    in_parallel(32, [&](unsigned thread) {
        for (unsigned i = 0; i < 5; ++i) {
            const Options asked = ask((thread + i) % 4, Format::extended);
            OneShot small(asked, 100);
            EXPECT_EQ(small.call(fd_.get()), fails(EMSGSIZE));
            EXPECT_TRUE(small.untouched());
            OneShot large(asked);
            EXPECT_EQ(large.call(fd_.get()), gives(0));
            EXPECT_TRUE(answers(asked, large.outblob(), large.auxblob()));
        }
    });
}

} // namespace
} // namespace guest
