// SPDX-License-Identifier: MIT
//
// The interfaces of the kernel that reports can be had through, by name.
//
//     Result<Face> face = Face::open(settings);    // is there anything to ask?
//     face->provider()                              "tsmfd_emu"
//     std::unique_ptr<Caller> caller = face->make_caller(7);
//
// Threads: opened by one before fork(); make_caller() then from any.
#pragma once

#include "caller.hpp"
#include "settings.hpp"

#include <tsmfd/device.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stress {

std::string_view face_name(FaceKind kind);
std::optional<FaceKind> face_by_name(std::string_view name);

class Face {
public:
    // An error here means that there is no device, or none that this user may ask.
    static tsmfd::Result<Face> open(const Settings& settings);

    [[nodiscard]] const std::string& provider() const { return provider_; }
    // What the provider says of itself, where the interface can tell.
    [[nodiscard]] const std::optional<tsmfd::ProviderInfo>& info() const { return info_; }
    // For --face mixed: the interfaces of this provider that are there.
    [[nodiscard]] const std::vector<FaceKind>& dealt() const { return dealt_; }
    // In each process, before it has threads.
    static void prepare_process(const Settings& settings);
    [[nodiscard]] std::unique_ptr<Caller> make_caller(const Settings& settings,
                                                      std::uint32_t caller) const;

private:
    std::string provider_;
    std::optional<tsmfd::ProviderInfo> info_;
    std::optional<tsmfd::Device> shared_; // for share_fd
    std::vector<FaceKind> dealt_;
};

// One file each.
std::unique_ptr<Caller> make_chardev_caller(const Settings& settings);
// `shared`, if given, outlives the caller.
std::unique_ptr<Caller> make_ioctl_caller(const Settings& settings, const tsmfd::Device* shared);
std::unique_ptr<Caller> make_nonblock_caller(const Settings& settings);

std::unique_ptr<Caller> make_sysfs_caller(const Settings& settings);
tsmfd::Result<std::string> probe_sysfs(const Settings& settings); // the provider's name

std::unique_ptr<Caller> make_configfs_caller(const Settings& settings, std::uint32_t caller);
tsmfd::Result<std::string> probe_configfs();
// Does configfs-tsm ask this device, N of /dev/tsmfdN? That is the drop-in tsm.ko's only, and of a
// provider that registered with it: found out by asking once, and seeing who counts it.
bool configfs_asks(const Settings& settings, std::uint32_t index);

// A key each. Every other caller's has the form of 2023.
std::unique_ptr<Caller> make_key_caller(const Settings& settings, std::uint32_t index,
                                        std::uint32_t caller);

} // namespace stress
