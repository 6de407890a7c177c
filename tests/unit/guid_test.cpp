// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/guid.hpp>

#include <gtest/gtest.h>

namespace {

using tsmfd::Guid;

constexpr std::string_view vcek = "63da758d-e664-4564-adc5-f4b93be8accd";

TEST(Guid, KeepsTheOrderOfItsText) {
    EXPECT_EQ(Guid::parse(vcek).value().bytes, evidence::vcek_guid);
    EXPECT_EQ(tsmfd::cert_guid::vcek.bytes, evidence::vcek_guid);
    EXPECT_EQ(tsmfd::cert_guid::vcek.text(), vcek);
}

TEST(Guid, SwapsTheFirstThreeGroupsForTheKernel) {
    // As guid_parse() of the kernel does.
    const std::array<std::uint8_t, 16> expected = {0x8d, 0x75, 0xda, 0x63, 0x64, 0xe6, 0x64, 0x45,
                                                   0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
    EXPECT_EQ(tsmfd::cert_guid::vcek.as_guid_t(), expected);
}

TEST(Guid, RefusesWhatIsNone) {
    for (const std::string_view text :
         {"", "63da758d-e664-4564-adc5-f4b93be8acc", "63da758d-e664-4564-adc5-f4b93be8accdd",
          "63da758de664-4564-adc5--f4b93be8accd", "63da758d_e664-4564-adc5-f4b93be8accd",
          "g3da758d-e664-4564-adc5-f4b93be8accd", "63da758d-e664-4564-adc5-f4b93be8acc-"})
        EXPECT_EQ(Guid::parse(text).error().code, EINVAL) << text;
}

TEST(Guid, KnowsZero) {
    EXPECT_TRUE(Guid{}.is_zero());
    EXPECT_FALSE(tsmfd::cert_guid::crl.is_zero());
}

} // namespace
