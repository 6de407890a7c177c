// SPDX-License-Identifier: MIT
#include "support/emulator.hpp"

#include "support/files.hpp"

#include <tsmfd/names.hpp>

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace guest {

std::string emulator_file(unsigned instance, std::string_view name) {
    return fmt::format("/sys/kernel/debug/tsmfd_emu/{}/{}", tsmfd::device_name(instance), name);
}

std::uint64_t counter(unsigned instance, std::string_view name) {
    return read_number(emulator_file(instance, name));
}

std::string attribute_path(unsigned instance, std::string_view name) {
    return tsmfd::device_directory(instance) + "/" + std::string(name);
}

std::string attribute(unsigned instance, std::string_view name) {
    return read_line(attribute_path(instance, name));
}

std::uint64_t setting(unsigned instance, std::string_view name) {
    std::ifstream settings(emulator_file(instance, "settings"));
    for (std::string line; std::getline(settings, line);) {
        const std::size_t equals = line.find('=');
        if (line.substr(0, equals) == name)
            return std::stoull(line.substr(equals + 1));
    }
    throw std::runtime_error(fmt::format("there is no setting {}", name));
}

Outcome try_set(unsigned instance, std::string_view name, std::uint64_t value) {
    return try_write(emulator_file(instance, "settings"), fmt::format("{}={}", name, value));
}

Setting::Setting(unsigned instance, std::string_view name, std::uint64_t value)
    : instance_(instance), name_(name), before_(setting(instance, name)) {
    set(value);
}

Setting::~Setting() {
    if (!try_set(instance_, name_, before_).ok())
        fmt::print(stderr, "{} cannot be set back to {}\n", name_, before_);
}

void Setting::set(std::uint64_t value) {
    const Outcome outcome = try_set(instance_, name_, value);
    if (!outcome.ok())
        throw std::system_error(static_cast<int>(-outcome.value), std::generic_category(), name_);
}

} // namespace guest
