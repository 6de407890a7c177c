// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <tsmfd/emulator_control.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::EmulatorControl;
using tsmfd::EmulatorSettings;

struct Words {
    std::string provider;
    bool json = false;
    std::string preset;
    std::map<std::string, std::uint32_t> values;
};

// Which preset's timing these settings have, or "custom".
std::string_view preset_of(const EmulatorSettings& settings) {
    for (const tsmfd::EmulatorPreset& preset : tsmfd::emulator_presets()) {
        const auto agrees = [&](const EmulatorSettings::Member& member) {
            const auto& wanted = preset.settings.*member.value;
            return !wanted || wanted == settings.*member.value;
        };
        if (std::ranges::all_of(EmulatorSettings::members(), agrees))
            return preset.name;
    }
    return "custom";
}

tsmfd::Result<EmulatorControl> open(const Words& words) {
    const auto index = provider_index(words.provider);
    if (!index)
        return std::unexpected(index.error());
    return EmulatorControl::open(*index);
}

int fail_to(const tsmfd::Error& error) {
    return error.code == EINVAL && error.what.starts_with("provider '")
               ? report_usage(error.message())
               : report_failure(error);
}

int get(const Words& words) {
    auto emulator = open(words);
    if (!emulator)
        return fail_to(emulator.error());
    const auto settings = emulator->get();
    if (!settings)
        return report_failure(settings.error());

    Json json = {{"preset", preset_of(*settings)}};
    for (const EmulatorSettings::Member& member : EmulatorSettings::members())
        json[std::string(member.name)] = ((*settings).*member.value).value_or(0);
    if (words.json) {
        fmt::print("{}\n", json.dump(2));
        return done;
    }
    for (const auto& [name, value] : json.items())
        fmt::print("{:<18} {}\n", name,
                   value.is_string() ? value.get<std::string>() : value.dump());
    return done;
}

int set(const Words& words) {
    EmulatorSettings settings;
    if (!words.preset.empty()) {
        const auto preset = tsmfd::emulator_preset(words.preset);
        if (!preset)
            return report_usage("--preset " + words.preset + ": there is no such preset");
        settings = *preset;
    }
    for (const EmulatorSettings::Member& member : EmulatorSettings::members()) {
        if (const auto given = words.values.find(std::string(member.name));
            given != words.values.end())
            settings.*member.value = given->second;
    }
    if (settings == EmulatorSettings{})
        return report_usage("emu set: no setting is given");

    auto emulator = open(words);
    if (!emulator)
        return fail_to(emulator.error());
    const auto was_set = emulator->set(settings);
    return was_set ? done : report_failure(was_set.error());
}

std::string preset_help() {
    std::string text = "The timing of a firmware that was measured:";
    for (const tsmfd::EmulatorPreset& preset : tsmfd::emulator_presets())
        text += fmt::format("\n{}: {}", preset.name, preset.what);
    return text;
}

} // namespace

void add_emu(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand("emu", "How emulated firmware is to behave");
    command->require_subcommand(1);

    CLI::App* getter = command->add_subcommand("get", "Show it");
    getter->add_option("--provider", words->provider, "Such as tsmfd0 (the lowest there is)")
        ->type_name("tsmfdN");
    getter->add_flag("--json", words->json, "As JSON");
    getter->callback([words, &status] { status = get(*words); });

    CLI::App* setter = command->add_subcommand("set", "Change it, all that is given or nothing");
    setter->add_option("--provider", words->provider, "Such as tsmfd0 (the lowest there is)")
        ->type_name("tsmfdN");
    setter->add_option("--preset", words->preset, preset_help())->type_name("NAME");
    for (const EmulatorSettings::Member& member : EmulatorSettings::members()) {
        const std::string name(member.name);
        setter
            ->add_option_function<std::uint32_t>(
                "--" + name, [words, name](std::uint32_t value) { words->values[name] = value; })
            ->type_name("N");
    }
    setter->callback([words, &status] { status = set(*words); });
}

} // namespace tsmctl
