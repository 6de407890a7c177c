// SPDX-License-Identifier: MIT
//
// Verdicts on reports of tsmfd_hcl: a challenge stands in two places, and a
// hash ties the third.
#include "hcl_evidence.hpp"

#include <tsmfd/evidence/verdict.hpp>

#include <string>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using tsmfd::Challenge;
using tsmfd::Evidence;
using tsmfd::Format;
using tsmfd::judge;
using tsmfd::Verdict;
using Kind = Verdict::Kind;

constexpr std::size_t report_data = hcl::head_size + hcl::hardware_at + hcl::snp_report_data;
constexpr std::size_t claims_at = hcl::head_size + hcl::claims_at;

Bytes outblob_of(const Bytes& user_data, const Bytes& quoted) {
    const std::string claims = hcl::claims_of("", user_data);
    return hcl::outblob_of(hcl::index_of(claims, {.hardware = hcl::hardware_about(claims)}),
                           evidence::tpm_attest(hcl::sha256(quoted)), evidence::nonce(0x20, 262),
                           evidence::nonce(0x40, 200));
}

Challenge asked_for(const Bytes& inblob, Format format = Format::plain) {
    return {.inblob = tsmfd::Inblob::from(inblob).value(), .privlevel = 0, .format = format};
}

TEST(HclVerdict, IsOkForItsUserData) {
    const Bytes nonce = evidence::nonce(0xa1);
    const Bytes outblob = outblob_of(nonce, nonce);
    EXPECT_TRUE(judge(asked_for(nonce), {outblob, {}}).ok());
    EXPECT_TRUE(judge(asked_for(nonce, Format::extended), {outblob, evidence::nonce(1)}).ok());
}

TEST(HclVerdict, PadsAChallengeWithZeros) {
    Bytes padded = evidence::nonce(0xa1, 20);
    padded.resize(64);
    const Bytes outblob = outblob_of(padded, padded);
    EXPECT_TRUE(judge(asked_for(evidence::nonce(0xa1, 20)), {outblob, {}}).ok());
}

TEST(HclVerdict, IsMixedUpForOthers) {
    const Bytes nonce = evidence::nonce(0xa1);
    const Bytes outblob = outblob_of(nonce, nonce);
    const Verdict verdict = judge(asked_for(evidence::nonce(0xa2)), {outblob, {}});
    EXPECT_EQ(verdict.kind, Kind::mixed_up);
    EXPECT_EQ(verdict.options, Verdict::inblob);
    EXPECT_EQ(judge(asked_for(nonce, Format::extended), {outblob, {}}).options, Verdict::format);
}

TEST(HclVerdict, IsTornWhereItsPartsAreOfSeveralCalls) {
    const Bytes nonce = evidence::nonce(0xa1);
    EXPECT_EQ(judge(asked_for(nonce), {outblob_of(nonce, evidence::nonce(0xa2)), {}}).kind,
              Kind::torn);
    for (const std::size_t at : {report_data, claims_at + 2}) {
        Bytes outblob = outblob_of(nonce, nonce);
        outblob[at] ^= 1;
        EXPECT_EQ(judge(asked_for(nonce), {outblob, {}}).kind, Kind::torn) << at;
    }
}

TEST(HclVerdict, IsMalformedAtEveryTruncation) {
    const Bytes nonce = evidence::nonce(0xa1);
    const Bytes outblob = outblob_of(nonce, nonce);
    for (std::size_t length = 0; length < outblob.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(outblob).first(length));
        EXPECT_EQ(judge(asked_for(nonce), Evidence::of_stream(cut)).kind, Kind::malformed)
            << length;
    }
}

TEST(HclVerdict, FindsItsAuxblobInAStream) {
    const Bytes nonce = evidence::nonce(0xa1);
    Bytes stream = outblob_of(nonce, nonce);
    const std::size_t size = stream.size();
    evidence::append(stream, evidence::nonce(9, 200));
    const Evidence got = Evidence::of_stream(stream);
    EXPECT_EQ(got.outblob.size(), size);
    EXPECT_EQ(got.auxblob.size(), 200U);
    EXPECT_TRUE(judge(asked_for(nonce, Format::extended), got).ok());
}

} // namespace
