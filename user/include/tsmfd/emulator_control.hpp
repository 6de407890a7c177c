// SPDX-License-Identifier: MIT
//
// How emulated firmware is to behave: its latency and its faults.
//
//     Result<EmulatorControl> emulator = EmulatorControl::open(0);    // of /dev/tsmfd0
//     emulator->set({.latency_us = 5000, .fail_permille = 10});       // all of them or none
//     emulator->set(*emulator_preset("gcp-milan"));
//     EmulatorSettings now = *emulator->get();
//
// Setting takes CAP_SYS_ADMIN; a provider that is not emulated is EOPNOTSUPP.
//
// Threads: one at a time. Values are values.
#pragma once

#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace tsmfd {

class NetlinkSocket;

// What is unset stays as it is.
struct TSMFD_API EmulatorSettings {
    std::optional<std::uint32_t> latency_us{};        // a call takes so long
    std::optional<std::uint32_t> jitter_us{};         // and a random part of this more
    std::optional<std::uint32_t> throttle_every{};    // each so many calls, 0 for never, one takes
    std::optional<std::uint32_t> throttle_us{};       // this much longer
    std::optional<std::uint32_t> hang{};              // 1: calls do not return while it is set
    std::optional<std::uint32_t> busy_permille{};     // calls in 1000 that fail at once, EBUSY
    std::optional<std::uint32_t> fail_permille{};     // that fail after their latency, EIO
    std::optional<std::uint32_t> empty_permille{};    // that succeed and give no blob
    std::optional<std::uint32_t> short_permille{};    // that give blobs cut in half
    std::optional<std::uint32_t> oversize_permille{}; // that give blobs longer than announced

    bool operator==(const EmulatorSettings&) const = default;

    // The settings by name, in the order of the netlink attributes.
    struct Member {
        std::string_view name; // "latency-us"
        std::optional<std::uint32_t> EmulatorSettings::*value;
    };
    [[nodiscard]] static std::span<const Member> members() noexcept;
};

// The timing of a firmware that was measured, as published; faults are not part of it.
struct EmulatorPreset {
    std::string_view name;
    std::string_view what;
    EmulatorSettings settings;
};

[[nodiscard]] TSMFD_API std::span<const EmulatorPreset> emulator_presets() noexcept;
// Nothing for a name that is none.
[[nodiscard]] TSMFD_API std::optional<EmulatorSettings>
emulator_preset(std::string_view name) noexcept;

class TSMFD_API EmulatorControl {
public:
    // Opens a socket; whether there is such a provider shows at the first call.
    [[nodiscard]] static Result<EmulatorControl> open(unsigned index) noexcept;
    ~EmulatorControl();
    EmulatorControl(EmulatorControl&&) noexcept;
    EmulatorControl& operator=(EmulatorControl&&) noexcept;

    [[nodiscard]] Result<EmulatorSettings> get() noexcept;
    Result<void> set(const EmulatorSettings& settings) noexcept;

private:
    EmulatorControl(std::unique_ptr<NetlinkSocket> socket, unsigned index);

    std::unique_ptr<NetlinkSocket> socket_;
    unsigned index_;
};

} // namespace tsmfd
