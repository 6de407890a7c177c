// SPDX-License-Identifier: MIT
//
// The outcome with a cache of chains is the outcome without one, sooner.
#include "checks.hpp"
#include "golden.hpp"
#include "policies.hpp"
#include "snp/snp_policy.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using tsmfd::ChainCache;
using tsmfd::Check;
using tsmfd::Evidence;
using namespace policies;

constexpr std::int64_t after_all = 1'893'456'000; // 2030-01-01

bool same(const Verification& a, const Verification& b) {
    return std::ranges::equal(a.checks, b.checks, [](const Check& x, const Check& y) {
        return x.name == y.name && x.outcome == y.outcome && x.detail == y.detail;
    });
}

class Chains : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        policy_ = parsed(snp_policy());
        policy_.tdx(*parsed(tdx_policy()).tdx());
    }

    [[nodiscard]] Verification snp(std::int64_t at = in_2024) {
        return policy_.verify({.outblob = report_, .auxblob = {}},
                              tsmfd::Question().at(at).chains(&chains_));
    }
    [[nodiscard]] Verification tdx() {
        return policy_.verify({.outblob = sapphire_rapids(), .auxblob = {}},
                              tsmfd::Question().at(in_2024).chains(&chains_));
    }

    Bytes report_ = milan();
    Policy policy_;
    ChainCache chains_{2};
};

TEST_F(Chains, AreVerifiedOnceAndSayTheSameAgain) {
    const Verification cold = snp();
    const Verification warm = snp();
    EXPECT_TRUE(cold.ok());
    EXPECT_TRUE(same(cold, warm));
    EXPECT_TRUE(same(tdx(), tdx()));
    EXPECT_EQ(chains_.stats().hits, 2U);
    EXPECT_EQ(chains_.stats().misses, 2U);
    EXPECT_EQ(chains_.stats().chains, 2U);
}

TEST_F(Chains, SayNothingOfTheReport) {
    ASSERT_TRUE(snp().ok());
    for (const std::size_t at : {0x50U, 0x90U, 0x180U, 0x1a0U, 0x2a0U}) {
        report_[at] ^= 1;
        EXPECT_FALSE(snp().ok()) << at;
        report_[at] ^= 1;
    }
    report_[0x48] = 1 << 2; // a VLEK's
    EXPECT_EQ(failed(snp()), (Names{"signer"}));
    report_[0x48] = 7 << 2; // nobody's
    EXPECT_EQ(failed(snp()), (Names{"signer"}));
}

TEST_F(Chains, AreOfTheRootsTheyWereVerifiedWith) {
    ASSERT_TRUE(snp().ok());
    const Bytes intel = golden::intel_root();
    const Evidence report{.outblob = report_, .auxblob = {}};
    EXPECT_EQ(
        failed(policy_.verify(report, tsmfd::Question().at(in_2024).roots(intel).chains(&chains_))),
        Names{"chain"});
    policy_.snp()->roots({});
    EXPECT_EQ(failed(snp()), Names{"chain"});
    EXPECT_EQ(chains_.stats().hits, 0U);
}

TEST_F(Chains, AreOfTheirTime) {
    ASSERT_TRUE(snp().ok());
    EXPECT_EQ(failed(snp(after_all)), Names{"chain"});
    EXPECT_EQ(failed(snp(0)), Names{"chain"});
    EXPECT_TRUE(snp().ok());
    EXPECT_EQ(chains_.stats().hits, 1U);
}

// The very seconds: as OpenSSL has them.
TEST_F(Chains, EndWithTheirFirstCertificateToEnd) {
    constexpr std::int64_t vcek_from = 1'663'980'928;  // Sep 24 00:55:28 2022
    constexpr std::int64_t vcek_until = 1'884'905'728; // Sep 24 00:55:28 2029
    ASSERT_TRUE(snp().ok());
    for (const std::int64_t at : {vcek_from - 1, vcek_from, vcek_until - 1, vcek_until}) {
        const Verification uncached =
            policy_.verify({.outblob = report_, .auxblob = {}}, tsmfd::Question().at(at));
        EXPECT_TRUE(same(snp(at), uncached)) << at;
    }
    EXPECT_EQ(chains_.stats().hits, 2U);
}

TEST_F(Chains, AreKeptOnlyIfTheyHold) {
    const Bytes intel = golden::intel_root();
    policy_.snp()->roots(intel);
    EXPECT_FALSE(snp().ok());
    EXPECT_FALSE(snp().ok());
    EXPECT_EQ(chains_.stats().chains, 0U);
    EXPECT_EQ(chains_.stats().hits, 0U);
}

TEST_F(Chains, AreNoMoreThanAskedFor) {
    ASSERT_TRUE(snp().ok());
    ASSERT_TRUE(tdx().ok());
    ASSERT_TRUE(snp().ok()); // the one used last
    policy_.snp()->members().certificates.push_back('\n');
    ASSERT_TRUE(snp().ok()); // a third, in place of TDX's
    EXPECT_EQ(chains_.stats().chains, 2U);
    policy_.snp()->members().certificates.pop_back();
    ASSERT_TRUE(snp().ok());
    EXPECT_EQ(chains_.stats().hits, 2U);
    ASSERT_TRUE(tdx().ok());
    EXPECT_EQ(chains_.stats().hits, 2U);
}

TEST_F(Chains, MayBeUsedByManyThreads) {
    std::atomic<unsigned> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (unsigned thread = 0; thread < 8; ++thread) {
            threads.emplace_back([this, thread, &wrong] {
                Policy own = policy_;
                for (unsigned i = 0; i < 50; ++i) {
                    // Four chains for two places.
                    own.snp()->members().certificates.resize(
                        policy_.snp()->members().certificates.size());
                    own.snp()->members().certificates.insert(
                        own.snp()->members().certificates.end(), (thread + i) % 4, '\n');
                    const auto verification =
                        own.verify({.outblob = milan(), .auxblob = {}},
                                   tsmfd::Question().at(in_2024).chains(&chains_));
                    wrong += verification.ok() ? 0U : 1U;
                }
            });
        }
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(chains_.stats().hits + chains_.stats().misses, 400U);
    EXPECT_LE(chains_.stats().chains, 2U);
}

} // namespace
