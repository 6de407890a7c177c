// SPDX-License-Identifier: MIT
#include "checks.hpp"
#include "tpm_evidence.hpp"

#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/evidence/tpm_verify.hpp>
#include <tsmfd/hex.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using checks::failed;
using checks::Names;
using evidence::Bytes;
using evidence::TpmEvidence;
using tsmfd::ByteSpan;
using tsmfd::ExpectedPcr;
using tsmfd::TpmPolicy;
using tsmfd::Verification;
using tsmfd::verify_tpm;
using Outcome = tsmfd::Check::Outcome;

class TpmVerify : public testing::Test {
protected:
    [[nodiscard]] TpmPolicy policy() const {
        return TpmPolicy().challenge(ByteSpan(real.challenge)).keys({ByteSpan(key)});
    }
    [[nodiscard]] Verification answering(ByteSpan challenge) const {
        TpmPolicy by = policy();
        by.challenge(challenge);
        return verify(by);
    }
    [[nodiscard]] Verification verify(const TpmPolicy& by) const {
        return verify_tpm(real.evidence(), by);
    }

    TpmEvidence real{"tpm-ovmf"};
    Bytes key = real.key();
};

ExpectedPcr expected(unsigned pcr) {
    return ExpectedPcr::parse("sha256:" + std::to_string(pcr) + "=" +
                              evidence::read_pcrs("tpm-ovmf")[pcr])
        .value();
}

TEST_F(TpmVerify, BelievesAReportOfRealFirmware) {
    for (const char* from : {"tpm-ovmf", "tpm-seabios"}) {
        real = TpmEvidence(from);
        key = real.key();
        const Verification result = verify(policy());
        EXPECT_EQ(failed(result), Names{}) << from;
        EXPECT_TRUE(result.ok());
        EXPECT_EQ(result.find("signature")->outcome, Outcome::passed);
        EXPECT_EQ(result.find("challenge")->outcome, Outcome::passed);
        EXPECT_EQ(result.find("event log")->outcome, Outcome::passed);
        EXPECT_EQ(result.find("key")->outcome, Outcome::passed);
        EXPECT_EQ(result.find("pcr sha256:9")->detail, evidence::read_pcrs(from)[9]);
        EXPECT_NE(result.find("ek")->detail.find("CN=tsmfd-test-ek"), std::string::npos);
        EXPECT_NE(result.find("clock")->detail.find(" 1 resets"), std::string::npos);
    }
}

TEST_F(TpmVerify, FailsForEveryChangedBitOfTheChallenge) {
    for (std::size_t bit = 0; bit < 8 * real.challenge.size(); ++bit) {
        Bytes challenge = real.challenge;
        challenge[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        EXPECT_EQ(failed(answering(challenge)), Names{"challenge"});
    }
    const ByteSpan shorter = ByteSpan(real.challenge).first(63);
    EXPECT_EQ(failed(answering(shorter)), Names{"challenge"});
}

TEST_F(TpmVerify, FailsForEveryChangedByteOfTheReport) {
    for (std::size_t at = 0; at < real.outblob.size(); ++at) {
        TpmEvidence spoilt = real;
        spoilt.outblob[at] ^= 1;
        EXPECT_FALSE(verify_tpm(spoilt.evidence(), policy()).ok()) << at;
    }
}

TEST_F(TpmVerify, FailsForEveryChangedDigestThatWasMeasured) {
    // The first event behind the log's head: its SHA-256 is behind its SHA-1.
    constexpr std::size_t at = 77 + 12 + 2 + 20 + 2;
    const std::size_t log = real.auxblob.size() - real.event_log.size();
    for (std::size_t byte = 0; byte < 32; ++byte) {
        TpmEvidence spoilt = real;
        spoilt.auxblob[log + at + byte] ^= 1;
        EXPECT_EQ(failed(verify_tpm(spoilt.evidence(), policy())), Names{"event log"});
    }
}

TEST_F(TpmVerify, FailsForAnothersEventLogAndForAnEmptyOne) {
    const TpmEvidence other("tpm-seabios");
    TpmPolicy by = policy();
    by.event_log(ByteSpan(other.event_log));
    EXPECT_EQ(failed(verify(by)), Names{"event log"});
    by.event_log(ByteSpan());
    EXPECT_EQ(failed(verify(by)), Names{"event log"});
    by.event_log(ByteSpan(real.challenge));
    EXPECT_EQ(failed(verify(by)), Names{"event log"});
}

// Anybody can make a key, and quote whatever he likes with it.
TEST_F(TpmVerify, BelievesNoKeyThatNothingVouchesFor) {
    EXPECT_EQ(failed(verify(TpmPolicy().challenge(ByteSpan(real.challenge)))), Names{"key"});
    TpmPolicy by = policy();
    by.keys({});
    const std::vector<std::uint8_t> name = tsmfd::TpmKey::parse(key)->name();
    by.key_names({name});
    EXPECT_TRUE(verify(by).ok());
}

// What nobody has checked is no "ok".
TEST_F(TpmVerify, OnlyNotesTheEndorsementKeysCertificate) {
    EXPECT_EQ(verify(policy()).find("ek")->outcome, Outcome::unasked);
    EXPECT_EQ(verify(policy()).find("auxblob")->detail, "of the report's key");
}

TEST_F(TpmVerify, FailsForAnothersKeyAndForAFileThatIsNone) {
    const Bytes own = evidence::read_data("tpm-ovmf/ak.pem");
    TpmPolicy by = policy();
    by.keys({own});
    EXPECT_EQ(verify(by).find("key")->outcome, Outcome::passed);
    const TpmEvidence other("tpm-seabios");
    by.keys({ByteSpan(other.outblob).subspan(other.at_key)});
    EXPECT_EQ(failed(verify(by)), Names{"key"});
    by.keys({real.challenge});
    EXPECT_EQ(failed(verify(by)), Names{"key"});
    by.keys({ByteSpan()});
    EXPECT_EQ(failed(verify(by)), Names{"key"});
}

TEST_F(TpmVerify, FailsForAnothersAuxblob) {
    const TpmEvidence other("tpm-seabios");
    real.auxblob = other.auxblob;
    EXPECT_EQ(failed(verify(policy())), (Names{"auxblob", "event log"}));
    real.auxblob = real.challenge;
    EXPECT_EQ(failed(verify(policy())), Names{"auxblob"});
}

TEST_F(TpmVerify, HoldsPcrsToWhatIsExpected) {
    TpmPolicy by = policy();
    by.pcrs({expected(0), expected(9)});
    EXPECT_EQ(verify(by).find("pcr sha256:9")->outcome, Outcome::passed);
    EXPECT_TRUE(verify(by).ok());
    auto wrong = expected(9);
    wrong.value.padded[31] ^= 1;
    by.pcrs({expected(0), wrong});
    EXPECT_EQ(failed(verify(by)), Names{"pcr sha256:9"});
    wrong = expected(0);
    wrong.pcr = 10;
    by.pcrs({wrong});
    EXPECT_EQ(failed(verify(by)), Names{"pcr sha256:10"});
    by.pcrs({ExpectedPcr::parse("sha1:0=" + std::string(40, '0')).value()});
    EXPECT_EQ(failed(verify(by)), Names{"pcr sha1:0"});
}

TEST_F(TpmVerify, ExpectsPcrsOfAnEventLogOnlyIfItIsTrue) {
    const TpmEvidence other("tpm-seabios");
    TpmPolicy by = policy();
    by.event_log(ByteSpan(other.event_log));
    by.pcrs({ExpectedPcr::parse("8=" + std::string(64, '0')).value()}); // the same in both
    EXPECT_EQ(failed(verify(by)), (Names{"event log", "pcr sha256:8"}));
}

TEST_F(TpmVerify, CanDoWithoutALogIfAllPcrsAreExpected) {
    real.auxblob.clear();
    TpmPolicy by = policy();
    EXPECT_TRUE(verify(by).ok());
    std::vector<ExpectedPcr> all;
    for (unsigned pcr = 0; pcr < 10; ++pcr)
        all.push_back(expected(pcr));
    by.pcrs(all);
    EXPECT_TRUE(verify(by).ok());
    all[4].value.padded[0] ^= 1;
    by.pcrs(all);
    EXPECT_FALSE(verify(by).ok());
    by.pcrs({expected(0)});
    EXPECT_EQ(failed(verify(by)), Names{"pcr sha256:0"});
}

TEST_F(TpmVerify, FailsForWhatIsNoReport) {
    for (const Bytes& bytes : {Bytes{}, evidence::nonce(1), Bytes(1184)}) {
        real.outblob = bytes;
        EXPECT_EQ(failed(verify(policy())), Names{"report"});
    }
    EXPECT_FALSE(Verification{}.ok());
}

TEST(ExpectedPcr, IsReadAsItIsWritten) {
    const std::string zeros(64, '0');
    EXPECT_EQ(ExpectedPcr::parse("7=" + zeros)->pcr, 7U);
    EXPECT_EQ(ExpectedPcr::parse("sha256:23=" + zeros)->pcr, 23U);
    EXPECT_EQ(ExpectedPcr::parse("sha384:0=" + zeros + zeros.substr(32))->value.size, 48U);
    for (const std::string& text :
         {std::string("sha256:0"), "sha256=" + zeros, "sha256:24=" + zeros, ":0=" + zeros,
          "md5:0=" + zeros, "sha256:0=" + zeros + "00", "sha256:-1=" + zeros, "sha256:=" + zeros,
          "sha256:0=" + zeros.substr(1) + "x", std::string()})
        EXPECT_EQ(ExpectedPcr::parse(text).error().code, EINVAL) << text;
}

TEST(TpmAux, IsRefusedAtEveryOtherLengthAndWithAnotherHead) {
    const TpmEvidence real("tpm-ovmf");
    ASSERT_TRUE(tsmfd::parse_tpm_aux(real.auxblob).has_value());
    for (std::size_t length = 0; length < real.auxblob.size(); length += length < 64 ? 1 : 101) {
        const Bytes cut = evidence::exactly(std::span(real.auxblob).first(length));
        EXPECT_FALSE(tsmfd::parse_tpm_aux(cut).has_value()) << length;
    }
    for (std::size_t at = 0; at < 32; ++at) {
        Bytes spoilt = real.auxblob;
        spoilt[at] ^= 0x80;
        EXPECT_FALSE(tsmfd::parse_tpm_aux(spoilt).has_value()) << at;
    }
}

} // namespace
