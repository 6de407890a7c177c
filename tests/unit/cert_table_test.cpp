// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/evidence/cert_table.hpp>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;
using tsmfd::CertTable;

// The entries' members.
constexpr std::size_t offset_of_first = 16;
constexpr std::size_t length_of_first = 20;

Bytes two_certs() {
    return evidence::cert_table({{evidence::vcek_guid, evidence::nonce(1, 10)},
                                 {evidence::ark_guid, evidence::nonce(0x40, 7)}});
}

TEST(CertTable, GivesTheCertificatesInOrder) {
    const Bytes blob = two_certs();
    const CertTable table = CertTable::parse(blob).value();
    ASSERT_EQ(table.size(), 2U);
    auto cert = table.begin();
    EXPECT_EQ((*cert).guid, tsmfd::cert_guid::vcek);
    EXPECT_EQ(evidence::exactly((*cert).bytes), evidence::nonce(1, 10));
    ++cert;
    EXPECT_EQ((*cert).guid, tsmfd::cert_guid::ark);
    EXPECT_EQ(evidence::exactly((*cert).bytes), evidence::nonce(0x40, 7));
    EXPECT_EQ(++cert, table.end());
}

TEST(CertTable, MayBeEmpty) {
    EXPECT_EQ(CertTable::parse(Bytes(24)).value().size(), 0U);
}

TEST(CertTable, IsRefusedAtEveryTruncation) {
    const Bytes blob = two_certs();
    for (std::size_t length = 0; length < blob.size(); ++length) {
        const Bytes cut = evidence::exactly(std::span(blob).first(length));
        EXPECT_FALSE(CertTable::parse(cut).has_value()) << length;
    }
}

TEST(CertTable, IsRefusedIfACertificateReachesPastTheBlob) {
    const Bytes blob = two_certs();
    // Of 24 * 3 + 17 bytes; the first certificate is 10 at 72.
    ASSERT_EQ(blob.size(), 89U);
    for (const std::uint32_t offset : {80U, 89U, 90U, 0x7fffffffU, 0xfffffff6U, 0xffffffffU}) {
        Bytes bad = blob;
        evidence::put_le(bad, offset_of_first, offset, 4);
        EXPECT_FALSE(CertTable::parse(bad).has_value()) << offset;
    }
    for (const std::uint32_t length : {0U, 18U, 0x7fffffffU, 0xffffffb8U, 0xffffffffU}) {
        Bytes bad = blob;
        evidence::put_le(bad, length_of_first, length, 4);
        EXPECT_FALSE(CertTable::parse(bad).has_value()) << length;
    }
    Bytes to_the_end = blob;
    evidence::put_le(to_the_end, length_of_first + 24, 7, 4);
    EXPECT_TRUE(CertTable::parse(to_the_end).has_value());
}

TEST(CertTable, IsRefusedIfACertificateLiesInTheTable) {
    for (const std::uint32_t offset : {0U, 24U, 71U}) {
        Bytes bad = two_certs();
        evidence::put_le(bad, offset_of_first, offset, 4);
        EXPECT_FALSE(CertTable::parse(bad).has_value()) << offset;
    }
}

TEST(CertTable, HoldsSomeEntriesAndNoMore) {
    std::vector<evidence::TestCert> many(CertTable::max_entries,
                                         {evidence::vcek_guid, evidence::nonce(1, 1)});
    EXPECT_EQ(CertTable::parse(evidence::cert_table(many)).value().size(), many.size());
    many.push_back(many.front());
    EXPECT_FALSE(CertTable::parse(evidence::cert_table(many)));
    many.resize(600, many.front());
    EXPECT_FALSE(CertTable::parse(evidence::cert_table(many)));
}

// Entries that share bytes would have them read as often as there are entries.
TEST(CertTable, IsRefusedIfCertificatesShareBytes) {
    for (const std::uint32_t offset : {72U, 73U, 81U}) {
        Bytes bad = two_certs();
        evidence::put_le(bad, offset_of_first + 24, offset, 4);
        EXPECT_FALSE(CertTable::parse(bad)) << offset;
    }
    Bytes bad = two_certs();
    evidence::put_le(bad, length_of_first, 11, 4);
    EXPECT_FALSE(CertTable::parse(bad));
}

TEST(CertTable, EndsWithItsLastCertificate) {
    Bytes blob = two_certs();
    EXPECT_EQ(CertTable::parse(blob)->bytes(), blob.size());
    blob.resize(blob.size() + 20);
    EXPECT_EQ(CertTable::parse(blob)->bytes(), blob.size() - 20);
    EXPECT_EQ(CertTable::parse(Bytes(30))->bytes(), 24U);
}

TEST(CertTable, SurvivesEveryFlippedBit) {
    const Bytes blob = two_certs();
    for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
        Bytes flipped = blob;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto table = CertTable::parse(flipped);
        if (!table)
            continue;
        for (const tsmfd::Cert cert : *table) {
            EXPECT_GE(cert.bytes.data(), flipped.data());
            EXPECT_LE(cert.bytes.data() + cert.bytes.size(), flipped.data() + flipped.size());
        }
    }
}

} // namespace
