// SPDX-License-Identifier: MIT
#include "command.hpp"

#include <tsmfd/emulator_control.hpp>

#include <algorithm>
#include <cerrno>
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

// Says what failed. Only where there is no provider at all does loading one help.
int fail_to(const tsmfd::Error& error) {
    return error.code == ENODEV ? report_failure(error) : report_unreadable(error);
}

// The exit status: of `work`, or of having no emulator to do it with.
template <typename Work>
int with_emulator(const Words& words, Work&& work) {
    const auto index = provider_index(words.provider);
    if (!index)
        return index.error().code == EINVAL ? report_usage(index.error().message())
                                            : report_failure(index.error());
    const auto emulator = EmulatorControl::open(*index);
    return emulator ? work(*emulator) : fail_to(emulator.error());
}

int print(const Words& words, const EmulatorControl& emulator) {
    const auto settings = emulator.get();
    if (!settings)
        return fail_to(settings.error());

    Json json = {{"preset", preset_of(*settings)}};
    for (const EmulatorSettings::Member& member : EmulatorSettings::members())
        json[std::string(member.name)] = ((*settings).*member.value).value_or(0);
    if (words.json) {
        fmt::print("{}\n", json_text(json));
        return done;
    }
    for (const auto& [name, value] : json.items())
        fmt::print("{:<18} {}\n", name,
                   value.is_string() ? value.get<std::string>() : value.dump());
    return done;
}

int get(const Words& words) {
    return with_emulator(words,
                         [&](const EmulatorControl& emulator) { return print(words, emulator); });
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

    return with_emulator(words, [&](const EmulatorControl& emulator) {
        const auto was_set = emulator.set(settings);
        return was_set ? int{done} : fail_to(was_set.error());
    });
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
    refuse_empty_words(*getter);
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
            ->type_name(fmt::format("0..{}", member.max));
    }
    refuse_empty_words(*setter);
    setter->callback([words, &status] { status = set(*words); });
}

} // namespace tsmctl
