// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/bytes.hpp>

#include <gtest/gtest.h>

namespace {

using tsmfd::Reader;

TEST(Reader, ReadsBothByteOrders) {
    const evidence::Bytes bytes = evidence::nonce(1, 27);
    Reader in(bytes);
    EXPECT_EQ(in.u8(), 0x01U);
    EXPECT_EQ(in.le32(), 0x05040302U);
    EXPECT_EQ(in.le64(), 0x0d0c0b0a09080706U);
    EXPECT_EQ(in.be16(), 0x0e0fU);
    EXPECT_EQ(in.be32(), 0x10111213U);
    EXPECT_EQ(in.be64(), 0x1415161718191a1bU);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.left(), 0U);
}

TEST(Reader, GivesZeroPastTheEndAndRemembers) {
    const evidence::Bytes bytes = evidence::nonce(1, 3);
    Reader in(bytes);
    EXPECT_EQ(in.be32(), 0U);
    EXPECT_FALSE(in.ok());
    // What was there before the failure is not handed out after it.
    EXPECT_EQ(in.u8(), 0U);
    EXPECT_TRUE(in.bytes(1).empty());
    EXPECT_FALSE(in.ok());
}

TEST(Reader, TakesNoBytesAtTheEnd) {
    Reader in({});
    EXPECT_TRUE(in.bytes(0).empty());
    EXPECT_TRUE(in.ok());
}

TEST(Reader, FillsAnArrayOrLeavesItZero) {
    const evidence::Bytes bytes = evidence::nonce(1, 5);
    Reader in(bytes);
    EXPECT_EQ(in.array<3>(), (std::array<std::uint8_t, 3>{1, 2, 3}));
    EXPECT_EQ(in.array<3>(), (std::array<std::uint8_t, 3>{}));
    EXPECT_FALSE(in.ok());
}

} // namespace
