// SPDX-License-Identifier: MIT
//
// Verdicts on reports of tsmfd_hcl: a challenge stands in two places, and a hash ties the third.
#include "evidence.hpp"

#include <tsmfd/evidence/verdict.hpp>

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>
#include <openssl/sha.h>

namespace {

using evidence::Bytes;
using tsmfd::Challenge;
using tsmfd::Evidence;
using tsmfd::Format;
using tsmfd::judge;
using tsmfd::Verdict;
using Kind = Verdict::Kind;

constexpr std::size_t head = 32;
constexpr std::size_t report_data = head + 32 + 0x50;
constexpr std::size_t claims_at = head + 32 + 1184 + 20;

Bytes sha256(const Bytes& bytes) {
    Bytes digest(SHA256_DIGEST_LENGTH);
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

Bytes claims_of(const Bytes& user_data) {
    constexpr std::array digits = {'0', '1', '2', '3', '4', '5', '6', '7',
                                   '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    std::string text = R"({"keys":[],"user-data":")";
    for (const std::uint8_t byte : user_data)
        text.append({digits.at(byte >> 4U), digits.at(byte & 15U)});
    text += "\"}";
    return {text.begin(), text.end()};
}

// What the index holds, with padding.
Bytes index_of(const Bytes& claims) {
    Bytes index(32 + 1184);
    evidence::put(index, 0, "HCLA");
    evidence::put_le(index, 4, 1, 4);
    const Bytes hash = sha256(claims);
    std::copy(hash.begin(), hash.end(), index.begin() + 32 + 0x50);
    evidence::append_le32(index, static_cast<std::uint32_t>(20 + claims.size()));
    evidence::append_le32(index, 1);
    evidence::append_le32(index, 2); // SNP
    evidence::append_le32(index, 1); // SHA-256
    evidence::append_le32(index, static_cast<std::uint32_t>(claims.size()));
    evidence::append(index, claims);
    index.resize(index.size() + 9);
    return index;
}

Bytes outblob_of(const Bytes& user_data, const Bytes& quoted) {
    const Bytes index = index_of(claims_of(user_data));
    const Bytes attest = evidence::tpm_attest(sha256(quoted));
    const Bytes signature = evidence::nonce(0x20, 262);
    const Bytes key = evidence::nonce(0x40, 282);
    Bytes outblob(8);
    evidence::put(outblob, 0, "TSMFDHCL");
    evidence::append_le32(outblob, 1);
    for (const Bytes* part : {&index, &attest, &signature, &key})
        evidence::append_le32(outblob, static_cast<std::uint32_t>(part->size()));
    evidence::append_le32(outblob, 0);
    for (const Bytes* part : {&index, &attest, &signature, &key})
        evidence::append(outblob, *part);
    return outblob;
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
