// SPDX-License-Identifier: MIT
//
// How libtsmfd reads the attributes of a message.
#include "netlink_message.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <linux/netlink.h>

namespace {

using tsmfd::NetlinkMessage;

class Attributes {
public:
    template <typename T>
    Attributes& add(std::uint16_t type, const T& value) {
        return add(type, &value, sizeof(value));
    }
    Attributes& add(std::uint16_t type, const void* data, std::size_t size) {
        const nlattr head{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + size),
                          .nla_type = type};
        append(&head, sizeof(head));
        append(data, size);
        bytes_.resize((bytes_.size() + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO);
        return *this;
    }
    // Without the last `missing` bytes.
    [[nodiscard]] NetlinkMessage message(std::size_t missing = 0) const {
        const void* first = bytes_.data();
        return {0, static_cast<const nlattr*>(first), static_cast<int>(bytes_.size() - missing)};
    }

private:
    void append(const void* data, std::size_t size) {
        const auto* from = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }

    std::vector<std::uint8_t> bytes_;
};

constexpr std::uint64_t wide = 0x1234'5678'9abc'def0;

TEST(NetlinkMessage, TakesAUintOfBothLengths) {
    Attributes attributes;
    attributes.add(1, std::uint32_t{7}).add(2, wide).add(3, std::uint8_t{9}).add(4, wide);
    const NetlinkMessage message = attributes.message();
    EXPECT_EQ(message.uint(1), 7U);
    EXPECT_EQ(message.uint(2), wide);
    EXPECT_EQ(message.uint(3), 0U); // of no uint's length
    EXPECT_EQ(message.uint(4), wide);
    EXPECT_EQ(message.uint(5), 0U);
    EXPECT_TRUE(message.has(4));
    EXPECT_FALSE(message.has(5));
}

TEST(NetlinkMessage, AU32HasFourBytes) {
    Attributes attributes;
    attributes.add(1, std::uint32_t{0xffff'ffff}).add(2, wide);
    EXPECT_EQ(attributes.message().u32(1), 0xffff'ffffU);
    EXPECT_EQ(attributes.message().u32(2), 0U);
}

TEST(NetlinkMessage, CollectsAnAttributeThatComesSeveralTimes) {
    Attributes attributes;
    attributes.add(8, std::uint32_t{1}).add(9, std::uint32_t{99}).add(8, wide);
    attributes.add(8, std::uint32_t{3});
    std::array<std::uint64_t, 4> some = {5, 5, 5, 5};
    attributes.message().uints(8, some);
    EXPECT_EQ(some, (std::array<std::uint64_t, 4>{1, wide, 3, 0}));

    std::array<std::uint64_t, 2> few{};
    attributes.message().uints(8, few);
    EXPECT_EQ(few, (std::array<std::uint64_t, 2>{1, wide + 3}));
    attributes.message().uints(7, few);
    EXPECT_EQ(few, (std::array<std::uint64_t, 2>{0, 0}));
}

TEST(NetlinkMessage, ReadsNothingPastItsEnd) {
    Attributes attributes;
    attributes.add(1, std::uint32_t{7}).add(2, wide);
    for (std::size_t missing = 1; missing <= 12; ++missing) {
        EXPECT_EQ(attributes.message(missing).uint(1), 7U) << missing;
        EXPECT_EQ(attributes.message(missing).uint(2), 0U) << missing;
        std::array<std::uint64_t, 1> one{};
        attributes.message(missing).uints(2, one);
        EXPECT_EQ(one[0], 0U) << missing;
    }
}

TEST(NetlinkMessage, ATextEndsAtItsNulOrWithItsAttribute) {
    Attributes attributes;
    attributes.add(1, "tsm", 4).add(2, "tsmfd", 3);
    EXPECT_EQ(attributes.message().text(1), "tsm");
    EXPECT_EQ(attributes.message().text(2), "tsm");
    EXPECT_EQ(attributes.message().text(3), "");
}

} // namespace
