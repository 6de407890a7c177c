// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <set>

#include <challenge_source.hpp>
#include <gtest/gtest.h>

namespace {

using stress::ChallengeSource;

TEST(ChallengeSource, NeverRepeatsOverCallers) {
    std::set<evidence::Bytes> seen;
    for (std::uint32_t caller = 0; caller < 64; ++caller) {
        ChallengeSource source(12345, caller, 8);
        for (int i = 0; i < 500; ++i)
            EXPECT_TRUE(seen.insert(evidence::exactly(source.next().bytes())).second);
    }
}

TEST(ChallengeSource, HasTheLengthItWasAskedForAndZerosBehind) {
    for (const std::uint32_t length : {1U, 8U, 13U, 63U, 64U}) {
        ChallengeSource source(1, 2, length);
        const tsmfd::Inblob inblob = source.next();
        EXPECT_EQ(inblob.size, length);
        for (std::size_t i = length; i < inblob.padded.size(); ++i)
            EXPECT_EQ(inblob.padded[i], 0) << length;
    }
}

TEST(ChallengeSource, FillsAllItsBytes) {
    ChallengeSource source(1, 2, 64);
    std::array<std::uint8_t, 64> ored{};
    for (int i = 0; i < 100; ++i) {
        const tsmfd::Inblob inblob = source.next();
        for (std::size_t at = 0; at < ored.size(); ++at)
            ored[at] |= inblob.padded[at];
    }
    for (const std::uint8_t byte : ored)
        EXPECT_EQ(byte, 0xff);
}

TEST(ChallengeSource, DiffersFromSeedToSeedAndRepeatsForOne) {
    EXPECT_EQ(ChallengeSource(1, 0, 64).next(), ChallengeSource(1, 0, 64).next());
    EXPECT_NE(ChallengeSource(1, 0, 64).next(), ChallengeSource(2, 0, 64).next());
}

} // namespace
