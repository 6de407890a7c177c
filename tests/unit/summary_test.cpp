// SPDX-License-Identifier: MIT
#include <cerrno>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <summary.hpp>

namespace {

using stress::Board;
using stress::Settings;
using stress::Summary;

constexpr std::int64_t second = 1'000'000'000;

class SummaryTest : public testing::Test {
protected:
    void SetUp() override {
        settings_.threads = 2;
        settings_.privlevels = {0, std::nullopt};
        settings_.formats = {tsmfd::Format::plain};
        board_.control().start_ns = 10 * second;
        for (std::uint32_t i = 0; i < 2; ++i) {
            board_.tally(i).ok = std::uint64_t{100} * (i + 1);
            board_.tally(i).finished_ns = (12 + 2 * i) * second;
            board_.tally(i).latency.record(std::uint64_t{1000} * (i + 1));
        }
    }

    [[nodiscard]] Summary summary() { return Summary::of(board_, {}); }

    Settings settings_;
    Board board_ = Board::make(2).value();
};

TEST_F(SummaryTest, AddsUp) {
    const Summary all = summary();
    EXPECT_EQ(all.ok, 300U);
    EXPECT_EQ(all.reports, 300U);
    EXPECT_EQ(all.fewest, 100U);
    EXPECT_EQ(all.most, 200U);
    EXPECT_EQ(all.seconds, 4.0);
    EXPECT_EQ(all.reports_per_second(settings_), 75.0);
    EXPECT_EQ(all.latency.count(), 2U);
    EXPECT_TRUE(all.passed(settings_));
}

TEST_F(SummaryTest, LeavesTheWarmUpOutOfTheRate) {
    settings_.seconds = 3;
    settings_.warm_up = 1;
    board_.tally(0).measured = 60;
    board_.tally(1).measured = 100;
    const Summary all = summary();
    EXPECT_EQ(all.reports, 300U);
    EXPECT_EQ(all.reports_per_second(settings_), 80.0);
    EXPECT_EQ(all.json(settings_, "test").at("reports_per_s"), 80.0);
    EXPECT_NE(all.text(settings_, "test").find("80.0/s after the first 1 s"), std::string::npos);
}

TEST_F(SummaryTest, FailsIfNoSignatureWasThereToCheck) {
    settings_.signed_every = 100;
    EXPECT_FALSE(summary().passed(settings_));
    board_.tally(1).signed_checked = 3;
    EXPECT_TRUE(summary().passed(settings_));
    const auto json = summary().json(settings_, "test");
    EXPECT_EQ(json["signed_checked"], 3);
    EXPECT_EQ(json["signed_wrong"], 0);
    EXPECT_NE(summary().text(settings_, "test").find("3 checked, 0 wrong"), std::string::npos);
}

TEST_F(SummaryTest, FailsForAnythingWrong) {
    for (std::uint64_t stress::Tally::*wrong :
         {&stress::Tally::mixed_up, &stress::Tally::torn, &stress::Tally::malformed,
          &stress::Tally::failed, &stress::Tally::signed_wrong}) {
        board_.tally(1).*wrong = 1;
        EXPECT_FALSE(summary().passed(settings_));
        board_.tally(1).*wrong = 0;
    }
    EXPECT_TRUE(summary().passed(settings_));
    EXPECT_FALSE(Summary::of(board_, {.died = 1}).passed(settings_));
    EXPECT_FALSE(Summary::of(board_, {.lost = 1}).passed(settings_));
    EXPECT_FALSE(Summary::of(board_, {.interrupted = true}).passed(settings_));
}

TEST_F(SummaryTest, FailsWithoutAReport) {
    board_.tally(0).ok = 0;
    board_.tally(1).ok = 0;
    EXPECT_FALSE(summary().passed(settings_));
}

TEST_F(SummaryTest, ThatExpectsARacePassesOnlyWithOne) {
    settings_.face = stress::FaceKind::sysfs;
    settings_.expect_race = true;
    EXPECT_FALSE(summary().passed(settings_));
    board_.tally(0).failed = 3;
    board_.tally(0).malformed = 1;
    EXPECT_FALSE(summary().passed(settings_));
    board_.tally(0).mixed_up = 1;
    EXPECT_TRUE(summary().passed(settings_));
    board_.tally(0).mixed_up = 0;
    board_.tally(1).torn = 1;
    EXPECT_TRUE(summary().passed(settings_));
    EXPECT_FALSE(Summary::of(board_, {.lost = 1}).passed(settings_));
}

TEST_F(SummaryTest, ThatExpectsARemovalPassesOnlyIfAllSawIt) {
    settings_.until_gone = true;
    board_.tally(0).gone = true;
    EXPECT_FALSE(summary().passed(settings_));
    board_.tally(1).gone = true;
    EXPECT_TRUE(summary().passed(settings_));
}

TEST_F(SummaryTest, TellsWhenTheFirstRaceWas) {
    EXPECT_FALSE(summary().first_race_seconds.has_value());
    board_.tally(0).torn = 1;
    board_.tally(0).first_race_ns = 13 * second;
    board_.tally(1).mixed_up = 1;
    board_.tally(1).first_race_ns = 11 * second;
    EXPECT_EQ(summary().first_race_seconds, 1.0);
}

TEST_F(SummaryTest, IsWrittenForPeopleAndForScripts) {
    board_.tally(0).failed = 2;
    board_.tally(0).failed_by_errno[ENODEV] = 2;
    settings_.label = "a label";
    const std::string text = summary().text(settings_, "tsmfd_emu");
    EXPECT_NE(text.find("chardev on /dev/tsmfd0 (tsmfd_emu): 2 threads in 1 process"),
              std::string::npos);
    EXPECT_NE(text.find("2 ENODEV 2"), std::string::npos);
    EXPECT_TRUE(text.ends_with("FAIL\n"));

    const nlohmann::json json = summary().json(settings_, "tsmfd_emu");
    EXPECT_EQ(json.at("label"), "a label");
    EXPECT_EQ(json.at("ok"), 300);
    EXPECT_EQ(json.at("failed").at("by_errno").at("ENODEV"), 2);
    EXPECT_EQ(json.at("passed"), false);
    EXPECT_EQ(json.at("asked").at("privlevels").at(1), "unset");
    EXPECT_NEAR(json.at("latency_us").at("p50").get<double>(), 1.0, 0.01);
    EXPECT_EQ(json.at("latency_us").at("max"), 2.0);
}

} // namespace
