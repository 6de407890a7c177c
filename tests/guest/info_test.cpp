// SPDX-License-Identifier: MIT
//
// TSMFD_IOC_INFO of /dev/tsmfdN.
#include "support/one_shot.hpp"
#include "support/test.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace guest {
namespace {

class InfoIoctl : public GuestTest {
protected:
    [[nodiscard]] static tsmfd_info info_of(unsigned instance) {
        tsmfd_info info;
        std::memset(&info, 0xa5, sizeof(info));
        EXPECT_EQ(call_ioctl(open_device(instance).get(), TSMFD_IOC_INFO, &info), gives(0));
        return info;
    }
};

TEST_F(InfoIoctl, NamesTheProviderAndFillsTheRestOfTheNameWithZeros) {
    const tsmfd_info info = info_of(plain);
    std::array<char, TSMFD_NAME_MAX> expected{};
    std::ranges::copy(std::string_view("tsmfd_emu"), expected.begin());
    EXPECT_TRUE(std::ranges::equal(info.provider, expected));
}

TEST_F(InfoIoctl, SaysWhichDeviceItIs) {
    for (unsigned instance = 0; instance < instances; ++instance)
        EXPECT_EQ(info_of(instance).index, instance);
}

TEST_F(InfoIoctl, SaysTheLimitsOfTheEmulator) {
    const tsmfd_info info = info_of(plain);
    EXPECT_EQ(info.features, TSMFD_FEATURE_PRIVLEVEL | TSMFD_FEATURE_BATCH);
    EXPECT_EQ(info.privlevel_floor, 0U);
    EXPECT_EQ(info.privlevel_max, TSMFD_PRIVLEVEL_MAX);
    EXPECT_EQ(info.formats, 1U << TSMFD_FORMAT_DEFAULT | 1U << TSMFD_FORMAT_EXTENDED);
    EXPECT_EQ(info.inblob_min, 1U);
    EXPECT_EQ(info.inblob_max, TSMFD_INBLOB_MAX);
    EXPECT_EQ(info.outblob_max, report_size);
    EXPECT_EQ(info.auxblob_max, cert_table_size);
    EXPECT_EQ(info.manifestblob_max, 0U);
    EXPECT_EQ(info.max_inflight, 1U);
}

TEST_F(InfoIoctl, SaysWhereInstancesDiffer) {
    EXPECT_EQ(info_of(floored).privlevel_floor, floored_privlevel);
    EXPECT_EQ(info_of(wide).max_inflight, wide_calls);
}

TEST_F(InfoIoctl, AgreesWithTheClassAttributes) {
    for (unsigned instance = 0; instance < instances; ++instance) {
        const tsmfd_info info = info_of(instance);
        EXPECT_EQ(attribute(instance, "provider"), info.provider);
        EXPECT_EQ(attribute(instance, "privlevel_floor"), std::to_string(info.privlevel_floor));
        EXPECT_EQ(attribute(instance, "inblob_max"), std::to_string(info.inblob_max));
        EXPECT_EQ(attribute(instance, "outblob_max"), std::to_string(info.outblob_max));
    }
}

TEST_F(InfoIoctl, WithAStructureShorterThanTheFirstVersionGivesEinval) {
    const UniqueFd fd = open_device(plain);
    for (const std::size_t size : {0U, 1U, 32U, TSMFD_INFO_SIZE_VER0 - 1U}) {
        tsmfd_info info{};
        EXPECT_EQ(call_ioctl(fd.get(), info_ioctl_of_size(size), &info), fails(EINVAL)) << size;
        EXPECT_EQ(info.inblob_max, 0U);
    }
}

TEST_F(InfoIoctl, FillsALongerStructureWithZerosAndWritesNotAByteBehind) {
    const UniqueFd fd = open_device(plain);
    for (const std::size_t size : {TSMFD_INFO_SIZE_VER0 + 0U, TSMFD_INFO_SIZE_VER0 + 1U,
                                   TSMFD_INFO_SIZE_VER0 + 8U, 1000U, 16383U}) {
        Bytes bytes(size + 64, 0xa5);
        ASSERT_EQ(call_ioctl(fd.get(), info_ioctl_of_size(size), bytes.data()), gives(0)) << size;
        const auto tail = ByteSpan(bytes).subspan(sizeof(tsmfd_info), size - sizeof(tsmfd_info));
        EXPECT_TRUE(std::ranges::all_of(tail, [](std::uint8_t byte) { return byte == 0; })) << size;
        EXPECT_TRUE(std::ranges::all_of(ByteSpan(bytes).last(64), [](std::uint8_t byte) {
            return byte == 0xa5;
        })) << size;
    }
}

TEST_F(InfoIoctl, MakesNoFirmwareCall) {
    const std::uint64_t before = counter(plain, "calls");
    (void)info_of(plain);
    EXPECT_EQ(counter(plain, "calls"), before);
}

TEST_F(InfoIoctl, DoesNotWaitForTheFirmware) {
    Hang hang(plain);
    const UniqueFd fd = open_device(plain);
    OneShot shot(ask());
    Caller waiter([&] { return shot.call(fd.get()); });
    ASSERT_TRUE(waiter.blocks());
    (void)info_of(plain);
    EXPECT_FALSE(waiter.returned());
    hang.end();
    EXPECT_EQ(waiter.result(), gives(0));
}

} // namespace
} // namespace guest
