// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/evidence/tpm_report.hpp>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using tsmfd::parse_tpm_quote;
using tsmfd::parse_tpm_report;
using tsmfd::TpmQuote;
using tsmfd::TpmReport;

// In what evidence::tpm_attest() makes of 64 bytes of extra data.
constexpr std::size_t at_safe = 4 + 2 + 36 + 66 + 16;
constexpr std::size_t at_bank_count = at_safe + 1 + 8;
constexpr std::size_t at_select_size = at_bank_count + 4 + 2;

TEST(TpmQuote, IsReadToItsEnd) {
    const Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    const TpmQuote quote = parse_tpm_quote(attest).value();
    EXPECT_EQ(evidence::exactly(quote.qualified_signer), evidence::nonce(0x80, 34));
    EXPECT_EQ(evidence::exactly(quote.extra_data), evidence::nonce(1));
    EXPECT_EQ(quote.clock, 0x0102030405060708U);
    EXPECT_EQ(quote.reset_count, 11U);
    EXPECT_EQ(quote.restart_count, 12U);
    EXPECT_TRUE(quote.safe);
    EXPECT_EQ(quote.firmware_version, 0x2022051000000000U);
    ASSERT_EQ(quote.bank_count, 1U);
    EXPECT_EQ(quote.banks[0].hash, 0x000b);
    EXPECT_EQ(quote.banks[0].pcrs, 0x2ffU);
    EXPECT_EQ(evidence::exactly(quote.pcr_digest), evidence::nonce(0xc0, 32));
}

TEST(TpmQuote, IsRefusedAtEveryOtherLength) {
    Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    for (std::size_t length = 0; length < attest.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(attest).first(length));
        const auto quote = parse_tpm_quote(cut);
        ASSERT_FALSE(quote.has_value()) << length;
        EXPECT_EQ(quote.error().code, EBADMSG);
    }
    attest.push_back(0);
    EXPECT_FALSE(parse_tpm_quote(attest).has_value());
}

TEST(TpmQuote, IsRefusedIfItIsAnotherStructure) {
    Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    attest[0] ^= 1;
    EXPECT_FALSE(parse_tpm_quote(attest).has_value());
    attest = evidence::tpm_attest(evidence::nonce(1));
    attest[5] = 0x17; // TPM_ST_ATTEST_CERTIFY
    EXPECT_FALSE(parse_tpm_quote(attest).has_value());
}

TEST(TpmQuote, IsRefusedWithAMemberOutOfRange) {
    Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    ASSERT_EQ(attest[at_safe], 1);
    attest[at_safe] = 2;
    EXPECT_FALSE(parse_tpm_quote(attest).has_value());

    attest = evidence::tpm_attest(evidence::nonce(1));
    ASSERT_EQ(attest[at_bank_count + 3], 1);
    for (const std::uint8_t count : {std::uint8_t{17}, std::uint8_t{255}}) {
        attest[at_bank_count + 3] = count;
        EXPECT_FALSE(parse_tpm_quote(attest).has_value());
    }

    attest = evidence::tpm_attest(evidence::nonce(1));
    ASSERT_EQ(attest[at_select_size], 3);
    attest[at_select_size] = 5;
    EXPECT_FALSE(parse_tpm_quote(attest).has_value());
}

TEST(TpmQuote, HoldsSoManyBanksAndPcrsAndNoMore) {
    const Bytes nonce = evidence::nonce(1);
    const Bytes most = evidence::tpm_attest(nonce, TpmQuote::max_banks, 4);
    EXPECT_EQ(parse_tpm_quote(most).value().bank_count, TpmQuote::max_banks);
    EXPECT_EQ(parse_tpm_quote(most).value().banks[15].pcrs, 0x2ffU);
    EXPECT_FALSE(parse_tpm_quote(evidence::tpm_attest(nonce, TpmQuote::max_banks + 1)).has_value());
    EXPECT_FALSE(parse_tpm_quote(evidence::tpm_attest(nonce, 1, 5)).has_value());
}

TEST(TpmReport, GivesItsThreeParts) {
    const Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    const Bytes bytes = evidence::tpm_report(attest);
    const TpmReport report = parse_tpm_report(bytes).value();
    EXPECT_EQ(evidence::exactly(report.attest), attest);
    EXPECT_EQ(evidence::exactly(report.signature), evidence::nonce(0x20, 72));
    EXPECT_EQ(evidence::exactly(report.public_key), evidence::nonce(0x40, 90));
    EXPECT_EQ(evidence::exactly(report.quote.extra_data), evidence::nonce(1));
}

TEST(TpmReport, IsRefusedAtEveryOtherLength) {
    Bytes bytes = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(bytes).first(length));
        EXPECT_FALSE(parse_tpm_report(cut).has_value()) << length;
        EXPECT_EQ(tsmfd::tpm_report_size(cut), 0U) << length;
    }
    const std::size_t whole = bytes.size();
    bytes.push_back(0);
    EXPECT_FALSE(parse_tpm_report(bytes).has_value());
    EXPECT_EQ(tsmfd::tpm_report_size(bytes), whole);
}

TEST(TpmReport, IsRefusedWithLengthsThatWrapAround) {
    Bytes bytes = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    const Bytes good = bytes;
    for (const std::size_t at : {12U, 16U, 20U}) {
        bytes = good;
        evidence::put_le(bytes, at, 0xffffffff, 4);
        EXPECT_FALSE(parse_tpm_report(bytes).has_value()) << at;
        EXPECT_EQ(tsmfd::tpm_report_size(bytes), 0U) << at;
    }
}

TEST(TpmReport, IsRefusedWithAnotherMagicOrVersionOrWithoutAPart) {
    const Bytes attest = evidence::tpm_attest(evidence::nonce(1));
    Bytes bytes = evidence::tpm_report(attest);
    bytes[7] ^= 1;
    EXPECT_FALSE(parse_tpm_report(bytes).has_value());
    EXPECT_FALSE(tsmfd::is_tpm_report(bytes));

    bytes = evidence::tpm_report(attest);
    bytes[8] = 2;
    EXPECT_FALSE(parse_tpm_report(bytes).has_value());

    EXPECT_FALSE(parse_tpm_report(evidence::tpm_report(attest, {})).has_value());
    EXPECT_FALSE(parse_tpm_report(evidence::tpm_report(attest, {1}, {})).has_value());
    EXPECT_FALSE(parse_tpm_report(evidence::tpm_report({})).has_value());
}

TEST(TpmReport, SurvivesEveryFlippedBit) {
    const Bytes good = evidence::tpm_report(evidence::tpm_attest(evidence::nonce(1)));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes flipped = evidence::exactly(good);
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        // The head must be right to the bit.
        EXPECT_TRUE(bit / 8 >= 24 || !parse_tpm_report(flipped).has_value()) << bit;
    }
}

} // namespace
