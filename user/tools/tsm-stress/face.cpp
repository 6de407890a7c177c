// SPDX-License-Identifier: MIT
#include "face.hpp"

#include <tsmfd/key.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace stress {

namespace {

constexpr std::array<std::pair<FaceKind, std::string_view>, 7> names = {{
    {FaceKind::chardev, "chardev"},
    {FaceKind::ioctl, "ioctl"},
    {FaceKind::nonblock, "nonblock"},
    {FaceKind::sysfs, "sysfs"},
    {FaceKind::configfs, "configfs"},
    {FaceKind::key, "key"},
    {FaceKind::mixed, "mixed"},
}};

} // namespace

std::string_view face_name(FaceKind kind) {
    return std::ranges::find(names, kind, &std::pair<FaceKind, std::string_view>::first)->second;
}

std::optional<FaceKind> face_by_name(std::string_view name) {
    const auto* found =
        std::ranges::find(names, name, &std::pair<FaceKind, std::string_view>::second);
    if (found == names.end())
        return std::nullopt;
    return found->first;
}

tsmfd::Result<Face> Face::open(const Settings& settings) {
    Face face;
    if (settings.face == FaceKind::sysfs || settings.face == FaceKind::configfs) {
        const bool sysfs = settings.face == FaceKind::sysfs;
        tsmfd::Result<std::string> provider = sysfs ? probe_sysfs(settings) : probe_configfs();
        if (!provider)
            return std::unexpected(std::move(provider.error()));
        face.provider_ = std::move(*provider);
        return face;
    }

    tsmfd::Result<tsmfd::Device> device = tsmfd::Device::open(settings.device);
    if (!device)
        return std::unexpected(std::move(device.error()));
    tsmfd::Result<tsmfd::ProviderInfo> info = device->info();
    if (!info)
        return std::unexpected(std::move(info.error()));
    face.provider_ = info->name;
    face.info_ = *info;
    if (settings.share_fd)
        face.shared_ = std::move(*device);
    if (settings.face == FaceKind::mixed) {
        face.dealt_ = {FaceKind::chardev, FaceKind::ioctl, FaceKind::nonblock, FaceKind::key};
        if (configfs_asks(settings, info->index))
            face.dealt_.push_back(FaceKind::configfs);
    }
    return face;
}

void Face::prepare_process(const Settings& settings) {
    // What goes wrong shows when the first key is added.
    if (settings.face == FaceKind::key || settings.face == FaceKind::mixed)
        (void)tsmfd::Key::make_process_keyring();
}

std::unique_ptr<Caller> Face::make_caller(const Settings& settings, std::uint32_t caller) const {
    switch (settings.kind_of(caller)) {
    case FaceKind::chardev:
        return make_chardev_caller(settings);
    case FaceKind::ioctl:
        return make_ioctl_caller(settings, shared_ ? &*shared_ : nullptr);
    case FaceKind::nonblock:
        return make_nonblock_caller(settings);
    case FaceKind::sysfs:
        return make_sysfs_caller(settings);
    case FaceKind::key:
        return make_key_caller(settings, info_->index, caller);
    case FaceKind::configfs:
    case FaceKind::mixed: // none is dealt
        break;
    }
    return make_configfs_caller(settings, caller);
}

} // namespace stress
