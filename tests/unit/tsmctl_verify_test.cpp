// SPDX-License-Identifier: MIT
//
// tsmctl verify, from its words to its lines and its exit status.
#include "command.hpp"
#include "evidence.hpp"
#include "golden.hpp"
#include "tsmctl_words.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using words::Said;

const std::string milan = golden::path("snp-milan/report.bin");
const std::string quote = golden::path("tdx-spr/quote_v4.bin");
const std::string intel = golden::path(golden::intel_chain);

class TsmctlVerify : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        const std::string chain = golden::path("snp-milan/ask_ark_milan.pem");
        std::ofstream(policy_) << R"({"snp": {"debug": true, "any_measurement": true, "roots": [")"
                               << chain << R"("], "certificates": [")"
                               << golden::path("snp-milan/vcek.der") << R"(", ")" << chain
                               << R"("]}, "tdx": {"any_measurement": true, "roots": [")" << intel
                               << R"("]}})";
    }
    void TearDown() override { std::filesystem::remove(policy_); }

    [[nodiscard]] Said verify(std::vector<std::string> all) const {
        all.insert(all.end(), {"--policy", policy_, "--at", "1704067200"});
        return words::verify(std::move(all));
    }

    const std::string policy_ = testing::TempDir() + "tsmctl-verify-policy.json";
};

TEST_F(TsmctlVerify, OfOneFileShowsEachCheck) {
    const Said said = verify({milan, "--challenge", "0102030405"});
    EXPECT_EQ(said.status, tsmctl::done);
    EXPECT_NE(said.out.find("ok      signature"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("the report holds\n"), std::string::npos);
    EXPECT_EQ(verify({milan, "--challenge", "00"}).status, tsmctl::failed);
}

TEST_F(TsmctlVerify, OfManyFilesIsALineEach) {
    const Said said = verify({milan, quote, milan, "--any-challenge"});
    EXPECT_EQ(said.status, tsmctl::done);
    EXPECT_EQ(said.out,
              milan + ": holds\n" + quote + ": holds; TCB unknown\n" + milan + ": holds\n");
}

TEST_F(TsmctlVerify, OfManyFilesHoldsOnlyIfAllDo) {
    const Said said = verify({milan, quote, "/nothing/here", "--challenge", "0102030405"});
    EXPECT_EQ(said.status, tsmctl::failed);
    EXPECT_TRUE(said.out.starts_with(milan + ": holds\n" + quote + ": does NOT hold: challenge: "))
        << said.out;
    EXPECT_NE(said.out.find("/nothing/here: does NOT hold: file: "), std::string::npos);
    const Said json = verify({milan, quote, "--challenge", "0102030405", "--json"});
    EXPECT_EQ(json.status, tsmctl::failed);
    const auto document = tsmctl::Json::parse(json.out);
    EXPECT_EQ(document["schema"], 1);
    EXPECT_EQ(document["ok"], false);
    ASSERT_EQ(document["reports"].size(), 2U);
    EXPECT_EQ(document["reports"][0]["file"], milan);
    EXPECT_EQ(document["reports"][0]["ok"], true);
    EXPECT_EQ(document["reports"][1]["ok"], false);
}

// A script need not know how many it asked about.
TEST_F(TsmctlVerify, OfOneFileHasTheShapeOfMany) {
    for (const auto& [file, ok] : {std::pair{milan, true}, {"/nothing/here", false}}) {
        const Said said = verify({file, "--any-challenge", "--json"});
        EXPECT_EQ(said.status, ok ? tsmctl::done : tsmctl::failed);
        const auto document = tsmctl::Json::parse(said.out);
        EXPECT_EQ(document.begin().key(), "schema");
        EXPECT_EQ(document["ok"], ok);
        ASSERT_EQ(document["reports"].size(), 1U);
        EXPECT_EQ(document["reports"][0]["file"], file);
        EXPECT_EQ(document["reports"][0]["ok"], ok);
        EXPECT_FALSE(document["reports"][0]["checks"].empty());
    }
}

TEST(TsmctlVerifyGolden, SaysWhatIsKnownOfATcb) {
    GOLDEN_OR_SKIP();
    const std::string folder = golden::folder() + "/tdx-live/";
    std::vector<std::string> words = {golden::path("tdx-v5/quote.bin"),
                                      "--any-challenge",
                                      "--roots",
                                      intel,
                                      "--at",
                                      "1775001600"};
    Said said = words::verify(words);
    EXPECT_EQ(said.status, tsmctl::done) << said.out;
    EXPECT_NE(said.out.find("the report holds; TCB unknown\n"), std::string::npos) << said.out;
    words.emplace_back("--collateral");
    for (const char* file : {"tcb_info_90c06f000000.json", "td_qe_identity.json",
                             "tcb_signing_chain.pem", "pck_crl_platform.der", "root_ca_crl.der"})
        words.push_back(folder + file);
    said = words::verify(words);
    EXPECT_NE(said.out.find("the report holds; TCB UpToDate\n"), std::string::npos) << said.out;
    words.emplace_back("--json");
    said = words::verify(words);
    EXPECT_EQ(tsmctl::Json::parse(said.out)["reports"][0]["tcb"]["status"], "UpToDate");
    words = {words[0], "--any-challenge", "--collateral", words[0]};
    EXPECT_EQ(words::verify(words).status, tsmctl::failed);
}

TEST_F(TsmctlVerify, WantsToKnowWhatTheChallengeIs) {
    EXPECT_EQ(verify({milan}).status, tsmctl::usage);
    EXPECT_EQ(verify({milan, "--challenge", "00", "--any-challenge"}).status, tsmctl::usage);
    EXPECT_EQ(verify({milan, "--challenge", "0"}).status, tsmctl::usage);
    EXPECT_EQ(verify({milan, "--any-challenge", "--vmpl", "0"}).status, tsmctl::usage);
}

} // namespace
