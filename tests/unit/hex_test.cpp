// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/hex.hpp>

#include <gtest/gtest.h>

namespace {

using evidence::Bytes;

TEST(Hex, WritesLowerCase) {
    EXPECT_EQ(tsmfd::to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}), "000fa5ff");
    EXPECT_EQ(tsmfd::to_hex({}), "");
}

TEST(Hex, Appends) {
    std::string text = "inblob=";
    tsmfd::append_hex(text, Bytes{0xab});
    EXPECT_EQ(text, "inblob=ab");
}

TEST(Hex, ReadsBothCases) {
    EXPECT_EQ(tsmfd::from_hex("000fA5fF").value(), (Bytes{0x00, 0x0f, 0xa5, 0xff}));
    EXPECT_TRUE(tsmfd::from_hex("").value().empty());
}

TEST(Hex, ReadsWhatItWroteForEveryByte) {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(tsmfd::from_hex(tsmfd::to_hex(all)).value(), all);
}

TEST(Hex, RefusesOddLengthsAndEveryOtherCharacter) {
    EXPECT_EQ(tsmfd::from_hex("0").error().code, EINVAL);
    EXPECT_EQ(tsmfd::from_hex("123").error().code, EINVAL);
    const std::string_view digits = "0123456789abcdefABCDEF";
    for (int c = 0; c < 256; ++c) {
        const char one = static_cast<char>(c);
        const bool digit = digits.find(one) != std::string_view::npos;
        EXPECT_EQ(tsmfd::from_hex(std::string{one, '0'}).has_value(), digit) << c;
        EXPECT_EQ(tsmfd::from_hex(std::string{'0', one}).has_value(), digit) << c;
    }
}

} // namespace
