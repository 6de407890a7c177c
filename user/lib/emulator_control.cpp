// SPDX-License-Identifier: MIT
#include "netlink_socket.hpp"

#include <tsmfd/emulator_control.hpp>
#include <tsmfd/names.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <linux/netlink.h>
#include <linux/tsmfd_netlink.h>

namespace tsmfd {

namespace {

using Settings = EmulatorSettings;

constexpr std::array<Settings::Member, 10> all_members = {{
    {"latency-us", &Settings::latency_us},
    {"jitter-us", &Settings::jitter_us},
    {"throttle-every", &Settings::throttle_every},
    {"throttle-us", &Settings::throttle_us},
    {"hang", &Settings::hang},
    {"busy-permille", &Settings::busy_permille},
    {"fail-permille", &Settings::fail_permille},
    {"empty-permille", &Settings::empty_permille},
    {"short-permille", &Settings::short_permille},
    {"oversize-permille", &Settings::oversize_permille},
}};
static_assert(all_members.size() == TSMFD_A_EMU_OVERSIZE_PERMILLE - TSMFD_A_EMU_INDEX);

constexpr Settings timing(std::uint32_t latency_us, std::uint32_t throttle_every = 0,
                          std::uint32_t throttle_us = 0) {
    Settings settings;
    settings.latency_us = latency_us;
    settings.jitter_us = 0;
    settings.throttle_every = throttle_every;
    settings.throttle_us = throttle_us;
    return settings;
}

// The same as tsmfd_emu's parameter preset=.
constexpr std::array<EmulatorPreset, 5> presets = {{
    {"none", "no latency", timing(0)},
    {"gcp-tdx", "TDX on GCP: 38.9 ms, one at a time (flashbots/attested-tls-benchmarks)",
     timing(38'900)},
    {"gcp-milan", "SNP on GCP's Milan: 7.7 ms, and every tenth 10.2 s longer",
     timing(7'700, 10, 10'200'000)},
    {"snp", "SNP: 8 ms (TUM-DSE CVM_eval)", timing(8'000)},
    {"qgs-1s", "TDX through QEMU's QGS with the stock poll of 1 s: 1026 ms", timing(1'026'000)},
}};

} // namespace

std::span<const Settings::Member> Settings::members() noexcept {
    return all_members;
}

std::span<const EmulatorPreset> emulator_presets() noexcept {
    return presets;
}

std::optional<EmulatorSettings> emulator_preset(std::string_view name) noexcept {
    const auto* found = std::ranges::find(presets, name, &EmulatorPreset::name);
    if (found == presets.end())
        return std::nullopt;
    return found->settings;
}

EmulatorControl::EmulatorControl(std::unique_ptr<NetlinkSocket> socket, unsigned index)
    : socket_(std::move(socket)), index_(index) {}
EmulatorControl::~EmulatorControl() = default;
EmulatorControl::EmulatorControl(EmulatorControl&&) noexcept = default;
EmulatorControl& EmulatorControl::operator=(EmulatorControl&&) noexcept = default;

Result<EmulatorControl> EmulatorControl::open(unsigned index) noexcept {
    Result<std::unique_ptr<NetlinkSocket>> socket = NetlinkSocket::open();
    if (!socket)
        return std::unexpected(std::move(socket.error()));
    return EmulatorControl(std::move(*socket), index);
}

Result<EmulatorSettings> EmulatorControl::get() noexcept {
    EmulatorSettings settings;
    const std::array attributes = {std::pair{int{TSMFD_A_EMU_INDEX}, std::uint32_t{index_}}};
    const Result<void> called =
        socket_->call("get the settings of " + device_name(index_), TSMFD_CMD_EMU_GET, NLM_F_ACK,
                      attributes, [&settings](const NetlinkMessage& message) {
                          int attribute = TSMFD_A_EMU_INDEX;
                          for (const Settings::Member& member : all_members)
                              settings.*member.value = message.u32(++attribute);
                      });
    if (!called)
        return std::unexpected(called.error());
    return settings;
}

Result<void> EmulatorControl::set(const EmulatorSettings& settings) noexcept {
    std::vector<std::pair<int, std::uint32_t>> attributes = {{TSMFD_A_EMU_INDEX, index_}};
    int attribute = TSMFD_A_EMU_INDEX;
    for (const Settings::Member& member : all_members) {
        ++attribute;
        if (const auto& value = settings.*member.value)
            attributes.emplace_back(attribute, *value);
    }
    return socket_->call("set " + device_name(index_), TSMFD_CMD_EMU_SET, NLM_F_ACK, attributes,
                         [](const NetlinkMessage&) {});
}

} // namespace tsmfd
