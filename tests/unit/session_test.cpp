// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <set>
#include <utility>

#include <clock.hpp>
#include <gtest/gtest.h>
#include <session.hpp>

namespace {

using evidence::Bytes;
using stress::Board;
using stress::Question;
using stress::Session;
using stress::Settings;
using stress::Tally;

// The report that a working device would give.
Bytes answer_to(const Question& question) {
    const tsmfd::Options& options = question.options;
    return evidence::emulated_report({.inblob = evidence::exactly(options.inblob.bytes()),
                                      .privlevel = options.privlevel.value_or(0),
                                      .format = std::to_underlying(options.format)});
}

class SessionTest : public testing::Test {
protected:
    void SetUp() override {
        settings_.threads = 8;
        settings_.privlevels = {0, 1, 2, 3};
        settings_.formats = {tsmfd::Format::plain};
    }

    Settings settings_;
    Board board_ = Board::make(8).value();
};

TEST_F(SessionTest, CountsRightReports) {
    Session session(settings_, board_, 3);
    Question question = session.question(0);
    for (int i = 0; i < 10; ++i) {
        session.renew(question);
        const Bytes report = answer_to(question);
        session.record(question, stress::now_ns(), tsmfd::Evidence::of_stream(report));
    }
    EXPECT_EQ(board_.tally(3).ok, 10U);
    EXPECT_EQ(board_.tally(3).latency.count(), 10U);
    EXPECT_EQ(board_.tally(2).ok, 0U);
}

// The warm-up ends at 100 s, the run at 300 s; `now` is what it is.
TEST_F(SessionTest, MeasuresAfterTheWarmUp) {
    const std::int64_t now = stress::now_ns();
    settings_.seconds = 300;
    settings_.warm_up = 100;
    const auto ask = [this](std::uint32_t caller, std::int64_t run_began, std::int64_t asked) {
        board_.control().start_ns = run_began;
        Session session(settings_, board_, caller);
        session.begin();
        Question question = session.question(0);
        session.renew(question);
        const Bytes report = answer_to(question);
        session.record(question, asked, tsmfd::Evidence::of_stream(report));
    };
    const auto seconds = [](std::int64_t count) { return count * stress::ns_per_second; };
    ask(0, now - seconds(50), now - seconds(1));
    ask(1, now - seconds(101), now - seconds(5)); // asked before, answered after
    ask(2, now - seconds(150), now - seconds(1));
    ask(3, now - seconds(301), now - seconds(2)); // answered after the end

    const auto expect = [this](std::uint32_t caller, std::uint64_t measured, std::uint64_t timed) {
        EXPECT_EQ(board_.tally(caller).ok, 1U) << caller;
        EXPECT_EQ(board_.tally(caller).measured, measured) << caller;
        EXPECT_EQ(board_.tally(caller).latency.count(), timed) << caller;
    };
    expect(0, 0, 0);
    expect(1, 1, 0);
    expect(2, 1, 1);
    expect(3, 0, 1);
}

TEST_F(SessionTest, CountsWrongReportsByKind) {
    Session session(settings_, board_, 0);
    Question question = session.question(0);
    session.renew(question);
    Bytes report = answer_to(question);
    session.renew(question); // the report is now the last question's
    session.record(question, 0, tsmfd::Evidence::of_stream(report));
    report[0x440 + 5] ^= 1;
    session.record(question, 0, tsmfd::Evidence::of_stream(report));
    report.pop_back();
    session.record(question, 0, tsmfd::Evidence::of_stream(report));

    Tally& tally = board_.tally(0);
    EXPECT_EQ(tally.ok, 0U);
    EXPECT_EQ(tally.mixed_up, 1U);
    EXPECT_EQ(tally.mixed_inblob, 1U);
    EXPECT_EQ(tally.mixed_privlevel, 0U);
    EXPECT_EQ(tally.torn, 1U);
    EXPECT_EQ(tally.malformed, 1U);
    EXPECT_NE(tally.first_race_ns, 0);
    EXPECT_TRUE(tally.first_bad.text().starts_with("mixed up (inblob)"));
}

TEST_F(SessionTest, CountsFailuresByErrno) {
    Session session(settings_, board_, 0);
    const Question question = session.question(0);
    session.record(question, 0, tsmfd::fail("ask", EINTR));
    session.record(question, 0, tsmfd::fail("ask", EINTR));
    session.record(question, 0, tsmfd::fail("ask", 100'000));
    const Tally& tally = board_.tally(0);
    EXPECT_EQ(tally.failed, 3U);
    EXPECT_EQ(tally.failed_by_errno[EINTR], 2U);
    EXPECT_EQ(tally.failed_by_errno[Tally::errnos - 1], 1U);
    EXPECT_EQ(tally.latency.count(), 0U);
    EXPECT_FALSE(session.gone());
    EXPECT_EQ(tally.first_error.text(), "ask: Interrupted system call");
}

TEST_F(SessionTest, EndsWhenTheProviderIsGone) {
    Session session(settings_, board_, 0);
    session.begin();
    EXPECT_TRUE(session.wait_turn().has_value());
    session.failed({"ask", ENODEV});
    EXPECT_TRUE(session.gone());
    EXPECT_FALSE(session.wait_turn().has_value());
    EXPECT_EQ(board_.tally(0).failed, 1U);
    EXPECT_FALSE(board_.tally(0).gone);
}

TEST_F(SessionTest, IsCleanlyEndedByARemovalThatIsExpected) {
    settings_.until_gone = true;
    Session session(settings_, board_, 0);
    session.failed({"ask", ENODEV});
    EXPECT_TRUE(session.gone());
    EXPECT_EQ(board_.tally(0).failed, 0U);
    EXPECT_TRUE(board_.tally(0).gone);
}

TEST_F(SessionTest, TakesAMissingPathForARemovalOnlyWhereThereArePaths) {
    Session chardev(settings_, board_, 0);
    EXPECT_FALSE(chardev.means_gone(ENOENT));
    settings_.face = stress::FaceKind::sysfs;
    EXPECT_TRUE(Session(settings_, board_, 1).means_gone(ENOENT));
}

TEST_F(SessionTest, GivesNeighboursOtherOptions) {
    settings_.formats = {tsmfd::Format::plain, tsmfd::Format::extended};
    std::set<std::pair<std::uint32_t, tsmfd::Format>> seen;
    for (std::uint32_t caller = 0; caller < 8; ++caller) {
        const Question question = Session(settings_, board_, caller).question(0);
        seen.emplace(question.options.privlevel.value(), question.options.format);
    }
    EXPECT_EQ(seen.size(), 8U);

    settings_.privlevels = {std::nullopt};
    EXPECT_EQ(Session(settings_, board_, 0).question(0).options.format, tsmfd::Format::plain);
    EXPECT_EQ(Session(settings_, board_, 1).question(0).options.format, tsmfd::Format::extended);
    EXPECT_FALSE(Session(settings_, board_, 1).question(0).expected.privlevel.has_value());
}

TEST_F(SessionTest, GivesTheSlotsOfACallerOtherOptions) {
    settings_.face = stress::FaceKind::nonblock;
    settings_.inflight = 2;
    EXPECT_EQ(Session(settings_, board_, 0).question(0).options.privlevel, 0U);
    EXPECT_EQ(Session(settings_, board_, 0).question(1).options.privlevel, 1U);
    EXPECT_EQ(Session(settings_, board_, 1).question(0).options.privlevel, 2U);
}

} // namespace
