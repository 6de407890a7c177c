// SPDX-License-Identifier: MIT
#include "checks.hpp"
#include "golden.hpp"

#include <tsmfd/evidence/snp_verify.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace {

using checks::expect_failed;
using checks::failed;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::SnpPolicy;
using tsmfd::Verification;

constexpr std::size_t signed_size = 0x2a0;
constexpr std::int64_t in_2024 = 1'704'067'200; // 2024-01-01
constexpr std::int64_t before_vcek =
    1'640'995'200;                                 // 2022-01-01: the ARK is valid, the VCEK not yet
constexpr std::int64_t after_vcek = 1'893'456'000; // 2030-01-01

class SnpFromMilan : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        ASSERT_EQ(report_.size(), 0x4a0U);
        ASSERT_FALSE(vcek_.empty());
        ASSERT_FALSE(chain_.empty());
        certificates_ = pem_of(vcek_) + std::string(chain_.begin(), chain_.end());
        // The ASK stands first, the ARK behind it.
        const std::string both(chain_.begin(), chain_.end());
        root_ = both.substr(both.rfind("-----BEGIN "));
    }

    static std::string pem_of(const Bytes& der) {
        static constexpr std::string_view digits =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        std::string text = "-----BEGIN CERTIFICATE-----\n";
        for (std::size_t at = 0; at < der.size(); at += 3) {
            std::uint32_t group = 0;
            for (std::size_t i = 0; i < 3; ++i)
                group = group << 8 | (at + i < der.size() ? der[at + i] : 0U);
            for (std::size_t i = 0; i < 4; ++i)
                text += at + i > der.size() ? '=' : digits[group >> (18 - 6 * i) & 63U];
            if (at % 48 == 45)
                text += '\n';
        }
        return text + "\n-----END CERTIFICATE-----\n";
    }

    static tsmfd::ByteSpan bytes(const std::string& text) {
        return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    }

    // This report's guest lets its host debug it, so a policy has to.
    [[nodiscard]] SnpPolicy policy() const {
        SnpPolicy policy;
        policy.roots(bytes(root_));
        policy.certificates(bytes(certificates_));
        policy.at(in_2024);
        policy.debug_allowed(true);
        return policy;
    }

    [[nodiscard]] Verification verify(const SnpPolicy& policy) const {
        return tsmfd::verify_snp({.outblob = report_, .auxblob = {}}, policy);
    }

    Bytes report_ = golden::read("snp-milan/report.bin");
    Bytes vcek_ = golden::read("snp-milan/vcek.der");
    Bytes chain_ = golden::read("snp-milan/ask_ark_milan.pem");
    std::string certificates_;
    std::string root_;
};

TEST_F(SnpFromMilan, HoldsToTheRoot) {
    const Verification verification = verify(policy());
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    for (const char* name : {"report", "signer", "chain", "product", "chip", "tcb", "signature"}) {
        const Check* check = verification.find(name);
        ASSERT_NE(check, nullptr) << name;
        EXPECT_EQ(check->outcome, Check::Outcome::passed) << name << ": " << check->detail;
    }
}

// What is signed is 0x2a0 bytes; every one of their 5,376 bits counts.
TEST_F(SnpFromMilan, DoesNotHoldWithAnyBitFlipped) {
    const SnpPolicy policy = this->policy();
    for (std::size_t bit = 0; bit < 8 * signed_size; ++bit) {
        report_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(verify(policy).ok()) << "bit " << bit;
        report_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    EXPECT_TRUE(verify(policy).ok());
}

TEST_F(SnpFromMilan, DoesNotHoldWithAnotherSignature) {
    const SnpPolicy policy = this->policy();
    for (std::size_t at = 0x2a0; at < 0x330; ++at) {
        report_[at] ^= 0x10;
        expect_failed(verify(policy), "signature");
        report_[at] ^= 0x10;
    }
}

TEST_F(SnpFromMilan, HoldsForItsOwnChallengeOnly) {
    SnpPolicy policy = this->policy();
    const Bytes own = {1, 2, 3, 4, 5};
    policy.challenge(own);
    EXPECT_TRUE(verify(policy).ok()) << testing::PrintToString(failed(verify(policy)));
    const Bytes padded = Bytes(report_.begin() + 0x50, report_.begin() + 0x90);
    policy.challenge(padded);
    EXPECT_TRUE(verify(policy).ok());
    for (const Bytes& other : {Bytes{1, 2, 3, 4}, Bytes{1, 2, 3, 4, 6}, Bytes{}, Bytes(65)}) {
        policy.challenge(other);
        expect_failed(verify(policy), "challenge");
    }
}

TEST_F(SnpFromMilan, NeedsARoot) {
    SnpPolicy policy = this->policy();
    policy.roots({});
    expect_failed(verify(policy), "chain");
    // One that comes along is not trusted.
    policy.roots(vcek_);
    expect_failed(verify(policy), "chain");
    const std::string text = "no certificate";
    policy.roots(bytes(text));
    expect_failed(verify(policy), "chain");
}

TEST_F(SnpFromMilan, IntelsRootIsNotIts) {
    const Bytes intel = golden::intel_root();
    SnpPolicy policy = this->policy();
    policy.roots(intel);
    expect_failed(verify(policy), "chain");
}

TEST_F(SnpFromMilan, NeedsTheCertificatesBetween) {
    SnpPolicy policy = this->policy();
    policy.certificates(vcek_); // without the ASK
    expect_failed(verify(policy), "chain");
    policy.certificates(chain_); // without the VCEK
    expect_failed(verify(policy), "signer");
    policy.certificates({});
    expect_failed(verify(policy), "signer");
}

TEST_F(SnpFromMilan, DoesNotHoldOutsideItsCertificatesTime) {
    SnpPolicy policy = this->policy();
    policy.at(before_vcek);
    expect_failed(verify(policy), "chain");
    EXPECT_NE(verify(policy).find("chain")->detail.find("not yet valid"), std::string::npos);
    policy.at(after_vcek);
    expect_failed(verify(policy), "chain");
    EXPECT_NE(verify(policy).find("chain")->detail.find("expired"), std::string::npos);
}

TEST_F(SnpFromMilan, IsOfTheProductThatItsProcessorIs) {
    // Version 3 says what the processor is. The signature goes with it, and is another check.
    const auto product = [this](std::uint8_t family, std::uint8_t model) {
        evidence::put_le(report_, 0, 3, 4);
        report_[0x188] = family;
        report_[0x189] = model;
        return verify(policy()).find("product")->outcome;
    };
    EXPECT_EQ(product(0x19, 0x01), Check::Outcome::passed);
    EXPECT_EQ(product(0x19, 0x11), Check::Outcome::failed);
    EXPECT_EQ(product(0x1a, 0x02), Check::Outcome::failed);
    EXPECT_EQ(product(0x17, 0x01), Check::Outcome::failed);
}

TEST_F(SnpFromMilan, MayBeDebuggedOnlyIfThePolicySaysSo) {
    SnpPolicy policy = this->policy();
    policy.debug_allowed(false);
    expect_failed(verify(policy), "debug");
}

TEST_F(SnpFromMilan, IsOfTheMinimumTcb) {
    SnpPolicy policy = this->policy();
    const tsmfd::SnpReport report = tsmfd::parse_snp_report(report_).value();
    const tsmfd::SnpTcb own = report.tcb(report.reported_tcb);
    policy.minimum_tcb(own);
    EXPECT_TRUE(verify(policy).ok());
    for (const auto part : {&tsmfd::SnpTcb::boot_loader, &tsmfd::SnpTcb::tee, &tsmfd::SnpTcb::snp,
                            &tsmfd::SnpTcb::microcode}) {
        tsmfd::SnpTcb more = own;
        ++(more.*part);
        policy.minimum_tcb(more);
        expect_failed(verify(policy), "minimum tcb");
    }
}

TEST_F(SnpFromMilan, IsOfTheMeasurementAndVmplAskedFor) {
    SnpPolicy policy = this->policy();
    Bytes measurement(report_.begin() + 0x90, report_.begin() + 0xc0);
    policy.measurements({measurement});
    policy.vmpl(0);
    EXPECT_TRUE(verify(policy).ok());
    policy.vmpl(1);
    expect_failed(verify(policy), "vmpl");
    measurement[47] ^= 1;
    policy.measurements({measurement});
    expect_failed(verify(policy), "measurement");
}

TEST_F(SnpFromMilan, OfAnotherSignerOrUnsignedIsRefused) {
    evidence::put_le(report_, 0x48, 1 << 2, 4); // VLEK
    expect_failed(verify(policy()), "signer");
    evidence::put_le(report_, 0x48, 7 << 2, 4); // none
    expect_failed(verify(policy()), "signer");
}

TEST_F(SnpFromMilan, LeavesNothingInOpenSslsQueue) {
    ERR_clear_error();
    report_[0x50] ^= 1;
    SnpPolicy policy = this->policy();
    (void)verify(policy);
    policy.roots(vcek_);
    (void)verify(policy);
    policy.certificates(report_);
    (void)verify(policy);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(SnpVerify, WhatIsNoReportIsRefused) {
    const Verification verification = tsmfd::verify_snp({.outblob = {}, .auxblob = {}}, {});
    EXPECT_FALSE(verification.ok());
    EXPECT_EQ(verification.find("report")->outcome, Check::Outcome::failed);
}

} // namespace
