// SPDX-License-Identifier: MIT
#include "checks.hpp"
#include "golden.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/hex.hpp>

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/err.h>

namespace {

using checks::expect_failed;
using checks::failed;
using evidence::Bytes;
using tsmfd::Check;
using tsmfd::TdxPolicy;
using tsmfd::Verification;

// "Intel TDX DCAP Quoting Library API", A.3; offsets into a quote of version 4.
constexpr std::size_t signed_size = 0x278;
constexpr std::size_t signature_at = 0x27c;
constexpr std::size_t attestation_key_at = 0x2bc;
constexpr std::size_t certification_at = 0x2fc;
constexpr std::size_t qe_report_at = 0x302;
constexpr std::size_t qe_signature_at = 0x482;
constexpr std::size_t qe_auth_at = 0x4c2;
constexpr std::int64_t in_2024 = 1'704'067'200;    // 2024-01-01
constexpr std::int64_t after_pck = 1'893'456'000;  // 2030-01-01
constexpr std::int64_t before_pck = 1'640'995'200; // 2022-01-01

class TdxFromSapphireRapids : public testing::Test {
protected:
    void SetUp() override {
        GOLDEN_OR_SKIP();
        ASSERT_EQ(quote_.size(), 4974U);
        ASSERT_FALSE(root_.empty());
    }

    [[nodiscard]] TdxPolicy policy() const {
        TdxPolicy policy;
        policy.roots(root_);
        policy.at(in_2024);
        return policy;
    }
    [[nodiscard]] Verification verify(const TdxPolicy& policy) const {
        return tsmfd::verify_tdx({.outblob = quote_, .auxblob = {}}, policy);
    }
    [[nodiscard]] Bytes bytes(std::size_t at, std::size_t size) const {
        const auto from = quote_.begin() + static_cast<std::ptrdiff_t>(at);
        return {from, from + static_cast<std::ptrdiff_t>(size)};
    }

    // Each byte of [at, at + size), flipped, makes the check fail.
    void expect_guarded(std::size_t at, std::size_t size, std::string_view name) {
        const TdxPolicy policy = this->policy();
        for (std::size_t i = at; i < at + size; ++i) {
            quote_[i] ^= 0x40;
            SCOPED_TRACE(i);
            expect_failed(verify(policy), name);
            quote_[i] ^= 0x40;
        }
    }

    Bytes quote_ = golden::read("tdx-spr/quote_v4.bin");
    Bytes root_ = golden::intel_root();
};

TEST_F(TdxFromSapphireRapids, IsRead) {
    const tsmfd::TdxQuote quote = tsmfd::parse_tdx_quote(quote_).value();
    EXPECT_EQ(quote.version, 4);
    EXPECT_EQ(Bytes(quote.tee_tcb_svn.begin(), quote.tee_tcb_svn.end()), bytes(0x30, 16));
    EXPECT_EQ(Bytes(quote.mr_seam.begin(), quote.mr_seam.end()), bytes(0x40, 48));
    EXPECT_EQ(quote.xfam, 0x061ae7U);
    EXPECT_EQ(Bytes(quote.mr_td.begin(), quote.mr_td.end()), bytes(0xb8, 48));
    EXPECT_EQ(Bytes(quote.mr_config_id.begin(), quote.mr_config_id.end()), bytes(0xe8, 48));
    EXPECT_EQ(Bytes(quote.mr_owner_config.begin(), quote.mr_owner_config.end()), bytes(0x148, 48));
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(Bytes(quote.rtmr[i].begin(), quote.rtmr[i].end()), bytes(0x178 + 48 * i, 48));
    EXPECT_EQ(Bytes(quote.report_data.begin(), quote.report_data.end()), bytes(0x238, 64));
    EXPECT_EQ(quote.signed_part.size(), signed_size);
    EXPECT_EQ(quote.signature.data(), quote_.data() + signature_at);
    EXPECT_EQ(quote.attestation_key.data(), quote_.data() + attestation_key_at);
    EXPECT_EQ(quote.qe_report.data(), quote_.data() + qe_report_at);
    EXPECT_EQ(quote.qe_signature.data(), quote_.data() + qe_signature_at);
}

TEST_F(TdxFromSapphireRapids, HoldsToIntelsRoot) {
    const Verification verification = verify(policy());
    EXPECT_TRUE(verification.ok()) << testing::PrintToString(failed(verification));
    for (const char* name : {"report", "chain", "qe report", "qe key", "signature", "debug"}) {
        const Check* check = verification.find(name);
        ASSERT_NE(check, nullptr) << name;
        EXPECT_EQ(check->outcome, Check::Outcome::passed) << name << ": " << check->detail;
    }
}

TEST_F(TdxFromSapphireRapids, DoesNotHoldWithAnyBitOfWhatIsSignedFlipped) {
    const TdxPolicy policy = this->policy();
    for (std::size_t bit = 0; bit < 8 * signed_size; ++bit) {
        quote_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_FALSE(verify(policy).ok()) << "bit " << bit;
        quote_[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
    EXPECT_TRUE(verify(policy).ok());
}

TEST_F(TdxFromSapphireRapids, IsGuardedFromEndToEnd) {
    expect_guarded(signature_at, 64, "signature");
    expect_guarded(attestation_key_at, 64, "qe key");
    expect_guarded(attestation_key_at, 64, "signature");
    expect_guarded(qe_report_at, 384, "qe report");
    expect_guarded(qe_signature_at, 64, "qe report");
    expect_guarded(qe_auth_at + 2, 32, "qe key");
}

TEST_F(TdxFromSapphireRapids, NeedsIntelsRoot) {
    TdxPolicy policy = this->policy();
    policy.roots({});
    expect_failed(verify(policy), "chain");
    const Bytes amd = golden::read("snp-milan/ask_ark_milan.pem");
    policy.roots(amd);
    expect_failed(verify(policy), "chain");
}

TEST_F(TdxFromSapphireRapids, DoesNotHoldOutsideItsCertificatesTime) {
    TdxPolicy policy = this->policy();
    policy.at(after_pck);
    expect_failed(verify(policy), "chain");
    EXPECT_NE(verify(policy).find("chain")->detail.find("expired"), std::string::npos);
    policy.at(before_pck);
    expect_failed(verify(policy), "chain");
}

TEST_F(TdxFromSapphireRapids, HoldsForItsOwnChallengeOnly) {
    TdxPolicy policy = this->policy();
    Bytes own = bytes(0x238, 64);
    policy.challenge(own);
    EXPECT_TRUE(verify(policy).ok()) << testing::PrintToString(failed(verify(policy)));
    own[63] ^= 1;
    policy.challenge(own);
    expect_failed(verify(policy), "challenge");
}

TEST_F(TdxFromSapphireRapids, IsOfTheMeasurementsAskedFor) {
    TdxPolicy policy = this->policy();
    Bytes mr_td = bytes(0xb8, 48);
    Bytes rtmr2 = bytes(0x178 + 96, 48);
    policy.mr_td({mr_td});
    policy.rtmr(2, {rtmr2});
    EXPECT_TRUE(verify(policy).ok()) << testing::PrintToString(failed(verify(policy)));
    rtmr2[0] ^= 1;
    policy.rtmr(2, {rtmr2});
    expect_failed(verify(policy), "rtmr2");
    rtmr2[0] ^= 1;
    mr_td[0] ^= 1;
    policy.rtmr(2, {rtmr2}).mr_td({mr_td});
    expect_failed(verify(policy), "mrtd");
}

TEST_F(TdxFromSapphireRapids, MayBeDebuggedOnlyIfThePolicySaysSo) {
    quote_[0xa8] |= 1;
    TdxPolicy policy = this->policy();
    expect_failed(verify(policy), "debug");
    policy.debug_allowed(true);
    EXPECT_EQ(verify(policy).find("debug")->outcome, Check::Outcome::unasked);
}

TEST_F(TdxFromSapphireRapids, IsRefusedAtEveryTruncation) {
    // 0x278 says how long what follows is; what stands behind that is nobody's.
    const std::size_t whole = 0x27c + (quote_[0x278] | std::size_t{quote_[0x279]} << 8);
    ASSERT_LT(whole, quote_.size());
    for (std::size_t size = 0; size < whole; ++size) {
        const Bytes cut = evidence::exactly(std::span(quote_).first(size));
        const auto parsed = tsmfd::parse_tdx_quote(cut);
        ASSERT_FALSE(parsed) << size;
        EXPECT_EQ(parsed.error().code, EBADMSG) << size;
    }
    EXPECT_TRUE(tsmfd::parse_tdx_quote(evidence::exactly(std::span(quote_).first(whole))));
}

TEST_F(TdxFromSapphireRapids, OfAnotherKindIsNotSupported) {
    const auto code_with = [this](std::size_t at, std::uint8_t value) {
        Bytes other = quote_;
        other[at] = value;
        const auto parsed = tsmfd::parse_tdx_quote(other);
        return parsed ? 0 : parsed.error().code;
    };
    EXPECT_EQ(code_with(0, 3), EOPNOTSUPP);
    EXPECT_EQ(code_with(2, 3), EOPNOTSUPP);
    EXPECT_EQ(code_with(4, 0), EOPNOTSUPP);
    EXPECT_EQ(code_with(certification_at, 5), EOPNOTSUPP);
}

// Version 5 puts the body's type and size before it.
TEST_F(TdxFromSapphireRapids, IsReadAsVersion5) {
    Bytes header = bytes(0, 0x30);
    header[0] = 5;
    Bytes version5 = header;
    evidence::append(version5, std::array<std::uint8_t, 6>{2, 0, 0x48, 0x02, 0, 0});
    evidence::append(version5, std::span(quote_).subspan(0x30));
    const auto quote = tsmfd::parse_tdx_quote(version5);
    ASSERT_TRUE(quote) << quote.error().message();
    EXPECT_EQ(Bytes(quote->report_data.begin(), quote->report_data.end()), bytes(0x238, 64));
    EXPECT_EQ(quote->signed_part.size(), signed_size + 6);
    EXPECT_EQ(quote->signature.size(), 64U);

    version5[0x30] = 1; // an SGX enclave's
    EXPECT_FALSE(tsmfd::parse_tdx_quote(version5));
}

TEST_F(TdxFromSapphireRapids, LeavesNothingInOpenSslsQueue) {
    ERR_clear_error();
    quote_[attestation_key_at] ^= 1;
    TdxPolicy policy = this->policy();
    (void)verify(policy);
    policy.roots(quote_);
    (void)verify(policy);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

} // namespace
