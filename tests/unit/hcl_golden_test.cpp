// SPDX-License-Identifier: MIT
//
// HCL reports of real Azure confidential VMs, to AMD's and Intel's roots, each with the answer that
// is right for it.
#include "checks.hpp"
#include "golden.hpp"
#include "hcl/hcl_policy.hpp"
#include "hcl_evidence.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/hcl_verify.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::HclPolicy;
using tsmfd::Verification;

constexpr std::int64_t on_2026_04_01 = 1'775'001'600;

class GoldenHclVerify : public testing::Test {
protected:
    void SetUp() override { GOLDEN_OR_SKIP(); }
    [[nodiscard]] Verification verify() const {
        return tsmfd::verify_hcl({.outblob = index_, .auxblob = {}}, policy_);
    }
    // With each bit of the bytes flipped; `step` for those where that takes too long.
    void expect_each_counts(std::size_t from, std::size_t until, std::size_t step = 1) {
        ASSERT_TRUE(verify().ok());
        for (std::size_t bit = 8 * from; bit < 8 * until; bit += step) {
            index_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            ASSERT_FALSE(verify().ok()) << "byte " << bit / 8 << ", bit " << bit % 8;
            index_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
    }

    Bytes index_;
    Bytes roots_;
    Bytes certificates_;
    tsmfd::ChainCache chains_;
    HclPolicy policy_{};
};

class GoldenHclSnp : public GoldenHclVerify {
protected:
    void SetUp() override {
        GoldenHclVerify::SetUp();
        if (IsSkipped())
            return;
        index_ = golden::read("azure-snp/hcl-report.bin");
        roots_ = golden::read("snp-milan/ask_ark_milan.pem");
        certificates_ = golden::read("azure-snp/vcek.pem");
        evidence::append(certificates_, roots_);
        policy_.members().snp.roots(roots_);
        policy_.members().snp.certificates(certificates_);
        policy_.members().snp.at(on_2026_04_01);
        policy_.members().snp.chains(&chains_);
    }
};

TEST_F(GoldenHclSnp, HoldsAndSaysNothingOfWhatTheGuestBooted) {
    const Verification verification = verify();
    EXPECT_EQ(failed(verification), Names{});
    for (const char* name :
         {"hcl report", "chain", "product", "tcb", "signature", "claims", "vmpl", "debug", "ak"}) {
        ASSERT_NE(verification.find(name), nullptr) << name;
        EXPECT_EQ(verification.find(name)->outcome, Check::Outcome::passed) << name;
    }
    EXPECT_EQ(verification.find("quote")->outcome, Check::Outcome::unasked);
    EXPECT_EQ(verification.find("challenge")->outcome, Check::Outcome::unasked);
    EXPECT_EQ(verification.find("unsigned rest"), nullptr);
}

// Somebody's, of another machine or of another day.
TEST_F(GoldenHclSnp, DoesNotHoldWithTheQuoteBesideIt) {
    const Bytes quote = golden::read("azure-snp/tpm-quote.msg");
    const Bytes signature = golden::read("azure-snp/tpm-quote.sig");
    policy_.quote(quote);
    policy_.signature(signature);
    Verification verification = verify();
    EXPECT_EQ(failed(verification), Names{"quote"});
    EXPECT_NE(verification.find("quote")->detail.find("not signed by the claims' HCLAkPub"),
              std::string::npos)
        << verification.find("quote")->detail;
    // It answers this, but is not the AK's.
    const Bytes challenge = hcl::bytes_of("challenge");
    policy_.challenge(challenge);
    verification = verify();
    EXPECT_EQ(failed(verification), (Names{"quote", "challenge"}));
}

TEST_F(GoldenHclSnp, DoesNotHoldForAChallenge) {
    const Bytes challenge = evidence::nonce(1);
    policy_.challenge(challenge);
    EXPECT_EQ(failed(verify()), Names{"challenge"});
}

TEST_F(GoldenHclSnp, DoesNotHoldToAnotherProductsRoot) {
    const Bytes roots = golden::read("snp-genoa/ask_ark.pem");
    policy_.members().snp.roots(roots);
    EXPECT_EQ(failed(verify()), Names{"chain"});
}

TEST_F(GoldenHclSnp, DoesNotHoldWithAnySignedBitFlipped) {
    expect_each_counts(hcl::hardware_at, hcl::hardware_at + 0x2a0); // what AMD's chip has signed
    expect_each_counts(hcl::claims_at, hcl::claims_at + 1110);
}

// The signature, and the zeros behind it.
TEST_F(GoldenHclSnp, DoesNotHoldWithAnyByteOfItsSignatureChanged) {
    expect_each_counts(hcl::hardware_at + 0x2a0, hcl::hardware_at + 0x4a0, 7);
}

class GoldenHclTdx : public GoldenHclVerify {
protected:
    void SetUp() override {
        GoldenHclVerify::SetUp();
        if (IsSkipped())
            return;
        index_ = golden::read("azure-tdx/hcl-report.bin");
        quote_ = golden::read("azure-tdx/td-quote.bin");
        const auto chain =
            tsmfd::ossl::read_certificates(golden::read("tdx-live/tcb_signing_chain.pem")).value();
        roots_ = tsmfd::ossl::pem_of(chain.back().get());
        policy_.members().tdx.roots(roots_);
        policy_.members().tdx.at(on_2026_04_01);
        policy_.members().tdx.chains(&chains_);
        policy_.td_quote(quote_);
    }

    Bytes quote_;
};

TEST_F(GoldenHclTdx, HoldsWithItsQuote) {
    const Verification verification = verify();
    EXPECT_EQ(failed(verification), Names{});
    for (const char* name :
         {"hcl report", "td quote", "chain", "signature", "claims", "debug", "ak"}) {
        ASSERT_NE(verification.find(name), nullptr) << name;
        EXPECT_EQ(verification.find(name)->outcome, Check::Outcome::passed) << name;
    }
    EXPECT_EQ(verification.tcb->status, "unknown");
}

TEST_F(GoldenHclTdx, DoesNotHoldWithoutItsQuote) {
    policy_.td_quote({});
    const Verification verification = verify();
    EXPECT_EQ(failed(verification), Names{"td quote"});
    EXPECT_NE(verification.find("td quote")->detail.find("none is given"), std::string::npos);
}

TEST_F(GoldenHclTdx, DoesNotHoldWithTheQuoteOfAnotherTd) {
    for (const char* name : {"tdx-live/quote.bin", "tdx-v5/quote.bin"}) {
        const Bytes other = golden::read(name);
        policy_.td_quote(other);
        const Verification verification = verify();
        EXPECT_EQ(failed(verification), Names{"td quote"}) << name;
        EXPECT_NE(verification.find("td quote")->detail.find("mrtd"), std::string::npos);
    }
    const Bytes none = evidence::nonce(1);
    policy_.td_quote(none);
    EXPECT_FALSE(verify().ok());
}

TEST_F(GoldenHclTdx, IsHeldToAllThatATdxQuoteIs) {
    const Bytes measurement = evidence::nonce(1, 48);
    policy_.members().tdx.mr_td({measurement});
    EXPECT_EQ(failed(verify()), Names{"mrtd"});
    policy_.members().tdx.mr_td({});
    policy_.members().tdx.collateral_required(true);
    EXPECT_EQ(failed(verify()), Names{"tcb"});
    policy_.members().tdx.collateral_required(false);
    policy_.members().tdx.roots({});
    EXPECT_EQ(failed(verify()), Names{"chain"});
}

TEST_F(GoldenHclTdx, DoesNotHoldWithAnyBitFlippedThatTheQuoteOrTheReportHas) {
    expect_each_counts(hcl::hardware_at, hcl::hardware_at + 2, 1); // type and subtype
    expect_each_counts(hcl::hardware_at + 0x20, hcl::hardware_at + 0xc0, 3);
    expect_each_counts(hcl::hardware_at + 0x100, hcl::hardware_at + 0x1ef, 3); // TEE_TCB_INFO
    expect_each_counts(hcl::hardware_at + 0x200, hcl::hardware_at + 0x400, 3); // TDINFO
    expect_each_counts(hcl::hardware_at + 0x400, hcl::data_at, 7);             // zeros
    expect_each_counts(hcl::claims_at, hcl::claims_at + 1201, 5);
}

TEST_F(GoldenHclTdx, DoesNotHoldWithAnyBitOfTheQuoteFlipped) {
    ASSERT_TRUE(verify().ok());
    for (std::size_t bit = 0; bit < 8 * std::size_t{0x278}; bit += 5) {
        Bytes other = quote_;
        other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        policy_.td_quote(other);
        ASSERT_FALSE(verify().ok()) << "bit " << bit;
    }
}

} // namespace
