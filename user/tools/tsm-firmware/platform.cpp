// SPDX-License-Identifier: MIT
#include "platform.hpp"

#include "snp_firmware.hpp"
#include "tdx_firmware.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace firmware {

namespace {

using tsmfd::Result;
using Measurement = std::array<std::uint8_t, 48>;
using MadeFirmware = Result<std::unique_ptr<Firmware>>;

Measurement measurement_of(std::string_view text) {
    Measurement made{};
    std::ranges::copy(text, made.begin());
    return made;
}

Measurement measurement_of(const Profile& profile) {
    return profile.measurement.value_or(measurement_of("tsm-firmware measurement"));
}

template <std::size_t N>
std::array<std::uint8_t, N> counted_up() {
    std::array<std::uint8_t, N> made{};
    for (std::size_t i = 0; i < N; ++i)
        made[i] = static_cast<std::uint8_t>(i);
    return made;
}

MadeFirmware make_snp(const Profile& profile) {
    const bool turin = profile.product == Product::turin;
    if (turin && profile.version < 3)
        return tsmfd::fail("make a Turin's report of version 2", EINVAL);
    Platform platform{.chip_id = counted_up<64>(), .tcb = {}, .product = profile.product};
    platform.vlek = profile.vlek;
    platform.tcb = {
        .fmc = std::nullopt, .boot_loader = 4, .tee = 0, .snp = 0x16, .microcode = 0xd5};
    if (turin)
        platform.tcb.fmc = 1;
    auto authority = Authority::in(profile.state, platform);
    if (!authority)
        return std::unexpected(authority.error());
    return std::make_unique<SnpFirmware>(std::move(*authority), platform,
                                         SnpSettings{.version = profile.version,
                                                     .measurement = measurement_of(profile),
                                                     .debug = profile.debug});
}

MadeFirmware make_tdx(const Profile& profile) {
    const PckPlatform platform{.ppid = counted_up<16>(),
                               .cpu_svn = {4, 4, 13, 15, 3, 255, 0, 3},
                               .pce_svn = 11,
                               .pce_id = {0, 0},
                               .fmspc = {0x50, 0x80, 0x6f, 0, 0, 0}};
    auto authority = PckAuthority::in(profile.state, platform);
    if (!authority)
        return std::unexpected(authority.error());
    TdxSettings settings{.mr_td = measurement_of(profile),
                         .rtmr = {},
                         .tee_tcb_svn = {5, 1, 2},
                         .debug = profile.debug};
    for (std::size_t i = 0; i < settings.rtmr.size(); ++i)
        settings.rtmr[i] = measurement_of(fmt::format("tsm-firmware rtmr{}", i));
    auto made = TdxFirmware::make(std::move(*authority), platform, settings);
    if (!made)
        return std::unexpected(made.error());
    return std::make_unique<TdxFirmware>(std::move(*made));
}

} // namespace

MadeFirmware make_firmware(const Profile& profile) {
    return profile.profile == "tdx" ? make_tdx(profile) : make_snp(profile);
}

} // namespace firmware
