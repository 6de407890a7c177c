// SPDX-License-Identifier: MIT
//
// Kernel modules, loaded and unloaded by their bare system calls.
//
//     Module core("build/kmod/6.12/tsmfd.ko");       // read once, however often it is loaded
//     core.load("unprivileged_keys=1");
//     EXPECT core.try_unload() == fails(EWOULDBLOCK) while a file is open
#pragma once

#include "support/device.hpp"
#include "support/outcome.hpp"

#include <filesystem>
#include <string>

namespace guest {

class Module {
public:
    // Throws if the file cannot be read.
    explicit Module(const std::string& path);

    void load(const std::string& parameters = "");
    // Whatever uses it makes it EWOULDBLOCK, at once.
    [[nodiscard]] Outcome try_unload() const;
    void unload() const;
    [[nodiscard]] bool is_loaded() const;

private:
    std::string name_;
    Bytes image_;
};

// Our module in place of the kernel's for configfs-tsm, which is called as that is. Throws if that
// kernel has none.
[[nodiscard]] std::filesystem::path dropin_in(const std::string& modules);

} // namespace guest
