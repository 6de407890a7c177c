// SPDX-License-Identifier: MIT
#include "removal/modules.hpp"

#include "support/files.hpp"

#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

Module::Module(const std::string& path)
    : name_(std::filesystem::path(path).stem()), image_(read_bytes(path)) {}

void Module::load(const std::string& parameters) {
    if (::syscall(SYS_init_module, image_.data(), image_.size(), parameters.c_str()) != 0)
        throw_errno("load " + name_ + " " + parameters, errno);
}

Outcome Module::try_unload() const {
    return outcome_of(::syscall(SYS_delete_module, name_.c_str(), O_NONBLOCK));
}

void Module::unload() const {
    const Outcome outcome = try_unload();
    if (!outcome.ok())
        throw_errno("unload " + name_, static_cast<int>(-outcome.value));
}

bool Module::is_loaded() const {
    return ::access(("/sys/module/" + name_).c_str(), F_OK) == 0;
}

std::filesystem::path dropin_in(const std::string& modules) {
    for (const auto& entry : std::filesystem::directory_iterator(modules + "/dropin"))
        if (entry.path().extension() == ".ko")
            return entry.path();
    throw std::runtime_error("there is no module in " + modules + "/dropin");
}

} // namespace guest
