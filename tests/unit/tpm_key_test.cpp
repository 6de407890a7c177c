// SPDX-License-Identifier: MIT
#include "tpm_evidence.hpp"

#include <tsmfd/evidence/tpm_key.hpp>
#include <tsmfd/hex.hpp>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using evidence::TpmEvidence;
using tsmfd::TpmKey;

// Within a TPM2B_PUBLIC
constexpr std::size_t at_attributes = 2 + 2 + 2;
constexpr std::size_t at_curve = 2 + 2 + 2 + 4 + 2 + 2 + 2 + 2;

class TpmKeyTest : public testing::Test {
protected:
    TpmEvidence real{"tpm-ovmf"};
    Bytes bytes = evidence::exactly(std::span(real.outblob).subspan(real.at_key));
    Bytes attest = evidence::exactly(
        std::span(real.outblob).subspan(real.at_attest, real.at_signature - real.at_attest));
    Bytes signature = evidence::exactly(
        std::span(real.outblob).subspan(real.at_signature, real.at_key - real.at_signature));
};

TEST_F(TpmKeyTest, HasTheNamesThatTpm2ToolsKnowItBy) {
    const TpmKey key = TpmKey::parse(bytes).value();
    EXPECT_EQ(tsmfd::to_hex(key.name()), evidence::read_text("tpm-ovmf/ak.name"));
    EXPECT_EQ(tsmfd::to_hex(key.endorsement_qualified_name()),
              evidence::read_text("tpm-ovmf/ak.qualified-name"));
}

TEST_F(TpmKeyTest, HasSignedTheQuoteAndNothingElse) {
    const TpmKey key = TpmKey::parse(bytes).value();
    EXPECT_TRUE(key.has_signed(attest, signature).has_value());
    for (std::size_t at = 0; at < attest.size(); ++at) {
        Bytes other = attest;
        other[at] ^= 1;
        EXPECT_EQ(key.has_signed(other, signature).error().code, EKEYREJECTED) << at;
    }
    for (std::size_t at = 0; at < signature.size(); ++at) {
        Bytes other = signature;
        other[at] ^= 1;
        EXPECT_FALSE(key.has_signed(attest, other).has_value()) << at;
    }
    EXPECT_FALSE(key.has_signed({}, signature).has_value());
    EXPECT_EQ(key.has_signed(attest, {}).error().code, EBADMSG);
}

TEST_F(TpmKeyTest, WithAnotherPointHasNotSigned) {
    for (const std::size_t from_end : {1U, 35U}) { // of y, of x
        Bytes other = bytes;
        other[other.size() - from_end] ^= 1;
        EXPECT_FALSE(TpmKey::parse(other)->has_signed(attest, signature).has_value());
    }
}

TEST_F(TpmKeyTest, IsTheOneOfAFile) {
    const TpmKey key = TpmKey::parse(bytes).value();
    EXPECT_TRUE(key.is(evidence::read_data("tpm-ovmf/ak.pem")).value());
    EXPECT_TRUE(key.is(bytes).value());
    const TpmEvidence other("tpm-seabios");
    const Bytes others = evidence::exactly(std::span(other.outblob).subspan(other.at_key));
    EXPECT_FALSE(key.is(others).value());
    EXPECT_EQ(key.is(evidence::nonce(1)).error().code, EBADMSG);
    Bytes pem = evidence::read_data("tpm-ovmf/ak.pem");
    pem[40] ^= 1;
    EXPECT_FALSE(key.is(pem).value_or(false));
}

TEST_F(TpmKeyTest, AttestsOnlyIfItSignsNothingFromOutside) {
    EXPECT_TRUE(TpmKey::parse(bytes)->attests());
    // The bytes of TPMA_OBJECT, big-endian: restricted and sign in 1, fixedTPM in 3.
    for (const auto& [at, bit] : {std::pair{1, 0x01}, {1, 0x02}, {1, 0x04}, {3, 0x02}, {3, 0x20}}) {
        Bytes other = bytes;
        other[at_attributes + static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(bit);
        EXPECT_FALSE(TpmKey::parse(other)->attests()) << at << " " << bit;
    }
}

TEST_F(TpmKeyTest, IsRefusedAtEveryOtherLengthAndOfAnotherKind) {
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_FALSE(TpmKey::parse(evidence::exactly(std::span(bytes).first(length))).has_value());
    Bytes other = bytes;
    other.push_back(0);
    EXPECT_FALSE(TpmKey::parse(other).has_value());
    other = bytes;
    other[at_curve + 1] = 4; // P-384
    EXPECT_EQ(TpmKey::parse(other).error().code, EOPNOTSUPP);
    other = bytes;
    other[3] = 1; // RSA
    EXPECT_EQ(TpmKey::parse(other).error().code, EOPNOTSUPP);
}

TEST_F(TpmKeyTest, SignatureOfAnotherSchemeOrTooLongIsRefused) {
    EXPECT_TRUE(tsmfd::parse_tpm_signature(signature).has_value());
    for (std::size_t length = 0; length < signature.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(signature).first(length));
        EXPECT_FALSE(tsmfd::parse_tpm_signature(cut).has_value()) << length;
    }
    for (const std::size_t at : {1U, 3U, 4U, 5U}) {
        Bytes other = signature;
        other[at] ^= 0x04;
        EXPECT_FALSE(tsmfd::parse_tpm_signature(other).has_value()) << at;
    }
}

} // namespace
