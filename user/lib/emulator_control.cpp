// SPDX-License-Identifier: MIT
#include <tsmfd/emulator_control.hpp>
#include <tsmfd/names.hpp>
#include <tsmfd/unique_fd.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace tsmfd {

namespace {

using Settings = EmulatorSettings;

constexpr std::uint32_t delay_max_us = 600'000'000;
constexpr std::uint32_t permille = 1000;

constexpr std::array<Settings::Member, 10> all_members = {{
    {"latency-us", &Settings::latency_us, delay_max_us},
    {"jitter-us", &Settings::jitter_us, delay_max_us},
    {"throttle-every", &Settings::throttle_every, std::numeric_limits<std::uint32_t>::max()},
    {"throttle-us", &Settings::throttle_us, delay_max_us},
    {"hang", &Settings::hang, 1},
    {"busy-permille", &Settings::busy_permille, permille},
    {"fail-permille", &Settings::fail_permille, permille},
    {"empty-permille", &Settings::empty_permille, permille},
    {"short-permille", &Settings::short_permille, permille},
    {"oversize-permille", &Settings::oversize_permille, permille},
}};

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

// As tsmfd_emu.ko has it.
std::string word_of(const Settings::Member& member) {
    std::string word(member.name);
    std::ranges::replace(word, '-', '_');
    return word;
}

std::string path_of(const std::string& debugfs, unsigned index) {
    return fmt::format("{}/tsmfd_emu/{}/settings", debugfs, device_name(index));
}

// Why a settings file could not be opened, in words.
std::unexpected<Error> fail_to_open(const std::string& debugfs, unsigned index, int code) {
    const std::string path = path_of(debugfs, index);
    if (code == EACCES)
        return fail("open " + path + ", which takes root", code);
    if (code == EPERM)
        return fail("open " + path + ": the kernel is locked down", code);
    if (code != ENOENT)
        return fail("open " + path, code);

    struct statfs mounted {};
    if (::statfs(debugfs.c_str(), &mounted) != 0 || mounted.f_type != DEBUGFS_MAGIC)
        return fail("open " + path + ": debugfs is not mounted on " + debugfs, ENOENT);
    const std::string device = device_name(index);
    if (::access(tsmfd::device_directory(index).c_str(), F_OK) != 0)
        return fail("find " + device, ENODEV);
    return fail(device + ": this provider is not emulated", EOPNOTSUPP);
}

Result<UniqueFd> open_settings(const std::string& debugfs, unsigned index, int flags) {
    UniqueFd fd(::open(path_of(debugfs, index).c_str(), flags | O_CLOEXEC));
    if (!fd)
        return fail_to_open(debugfs, index, errno);
    return fd;
}

// "latency_us=5000"; what is not known is let pass.
void take_line(std::string_view line, Settings& settings) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
        return;
    const auto* member = std::ranges::find(all_members, line.substr(0, equals), word_of);
    std::uint32_t value = 0;
    const char* end = line.data() + line.size();
    if (member != all_members.end() &&
        std::from_chars(line.data() + equals + 1, end, value).ptr == end)
        settings.*member->value = value;
}

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

EmulatorControl::EmulatorControl(unsigned index, std::string debugfs)
    : index_(index), debugfs_(std::move(debugfs)) {}

// Nothing stays open: an open file would keep the module from being unloaded.
Result<EmulatorControl> EmulatorControl::open(unsigned index, const std::string& debugfs) noexcept {
    const Result<UniqueFd> file = open_settings(debugfs, index, O_RDONLY);
    if (!file)
        return std::unexpected(file.error());
    return EmulatorControl(index, debugfs);
}

Result<EmulatorSettings> EmulatorControl::get() const noexcept {
    const Result<UniqueFd> file = open_settings(debugfs_, index_, O_RDONLY);
    if (!file)
        return std::unexpected(file.error());

    // In one read, which has them as they were at one moment.
    std::array<char, 4096> text{};
    const ssize_t got = ::read(file->get(), text.data(), text.size());
    if (got < 0)
        return fail("read " + path_of(debugfs_, index_), errno);

    EmulatorSettings settings;
    std::string_view left(text.data(), static_cast<std::size_t>(got));
    while (!left.empty()) {
        const std::size_t end = std::min(left.find('\n'), left.size() - 1);
        take_line(left.substr(0, end), settings);
        left.remove_prefix(end + 1);
    }
    return settings;
}

Result<void> EmulatorControl::set(const EmulatorSettings& settings) const noexcept {
    const std::string what = "set " + device_name(index_);
    std::string words;
    for (const Settings::Member& member : all_members) {
        const auto& value = settings.*member.value;
        if (!value)
            continue;
        if (*value > member.max)
            return fail(fmt::format("{}: {}={} is not in 0 to {}; nothing was set", what,
                                    member.name, *value, member.max),
                        ERANGE);
        words += fmt::format("{}={} ", word_of(member), *value);
    }
    if (words.empty())
        return fail(what + ": no setting is given", EINVAL);

    const Result<UniqueFd> file = open_settings(debugfs_, index_, O_WRONLY);
    if (!file)
        return std::unexpected(file.error());
    if (::write(file->get(), words.data(), words.size()) < 0)
        return fail(what + ": nothing was set", errno);
    return {};
}

} // namespace tsmfd
