// SPDX-License-Identifier: MIT
//
// How emulated firmware is to behave: its latency and its faults.
//
//     Result<EmulatorControl> emulator = EmulatorControl::open(0);    // of /dev/tsmfd0
//     emulator->set({.latency_us = 5000, .fail_permille = 10});       // all of them or none
//     emulator->set(*emulator_preset("gcp-milan"));
//     EmulatorSettings now = *emulator->get();
//
// The settings are files of tsmfd_emu.ko in debugfs, which only root may read and write. An error
// says what is missing:
//
//     ENODEV       there is no such provider
//     EOPNOTSUPP   the provider is not emulated
//     ENOENT       debugfs is not mounted
//     EACCES       the caller is not root
//     EPERM        the kernel is locked down
//     ERANGE       a value is out of its setting's range
//     EINVAL       no setting is given
//
// Threads: any.
#pragma once

#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tsmfd {

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

    // The settings by name, in the order that tsmfd_emu.ko has them in. Its names have '_' for '-'.
    struct Member {
        std::string_view name; // "latency-us"
        std::optional<std::uint32_t> EmulatorSettings::*value;
        std::uint32_t max; // the least is 0
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
    // Checks that there is such an emulator and that it can be read. `debugfs`: where it is
    // mounted.
    [[nodiscard]] static Result<EmulatorControl>
    open(unsigned index, const std::string& debugfs = "/sys/kernel/debug") noexcept;

    [[nodiscard]] Result<EmulatorSettings> get() const noexcept;
    // Nothing is set if there is an error.
    [[nodiscard]] Result<void> set(const EmulatorSettings& settings) const noexcept;

private:
    EmulatorControl(unsigned index, std::string debugfs);

    unsigned index_;
    std::string debugfs_;
};

} // namespace tsmfd
