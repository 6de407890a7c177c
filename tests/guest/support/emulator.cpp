// SPDX-License-Identifier: MIT
#include "support/emulator.hpp"

#include "support/files.hpp"

#include <tsmfd/names.hpp>

#include <cstdio>

namespace guest {

std::string knob_path(unsigned instance, std::string_view name) {
    return "/sys/kernel/debug/tsmfd_emu/" + tsmfd::device_name(instance) + "/" + std::string(name);
}

std::uint64_t counter(unsigned instance, std::string_view name) {
    return read_number(knob_path(instance, name));
}

std::string attribute_path(unsigned instance, std::string_view name) {
    return tsmfd::device_directory(instance) + "/" + std::string(name);
}

std::string attribute(unsigned instance, std::string_view name) {
    return read_line(attribute_path(instance, name));
}

Setting::Setting(unsigned instance, std::string_view name, std::uint64_t value)
    : path_(knob_path(instance, name)), before_(read_line(path_)) {
    set(value);
}

Setting::~Setting() {
    if (!try_write(path_, before_).ok())
        (void)std::fprintf(stderr, "%s cannot be set back to %s\n", path_.c_str(), before_.c_str());
}

void Setting::set(std::uint64_t value) {
    write_file(path_, std::to_string(value));
}

} // namespace guest
