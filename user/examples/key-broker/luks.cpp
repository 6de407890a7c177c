// SPDX-License-Identifier: MIT
#include "luks.hpp"

#include <memory>

#include <libcryptsetup.h>

namespace keybroker {

namespace {

using tsmfd::fail;
using tsmfd::Result;

struct FreeDevice {
    void operator()(crypt_device* device) const { crypt_free(device); }
};
using DevicePtr = std::unique_ptr<crypt_device, FreeDevice>;

// The last complaint says more than the errno.
void keep_complaint(int level, const char* message, void* kept) {
    if (level == CRYPT_LOG_ERROR)
        *static_cast<std::string*>(kept) = message;
}

std::unexpected<tsmfd::Error> failed(const std::string& what, std::string complaint, int code) {
    while (complaint.ends_with('\n'))
        complaint.pop_back();
    return fail(complaint.empty() ? what : what + ": " + complaint, -code);
}

} // namespace

Result<void> open_volume(const Volume& volume, const Secret& passphrase) {
    std::string complaint;
    crypt_device* made = nullptr;
    if (const int code = crypt_init(&made, volume.device.c_str()); code < 0)
        return failed("open " + volume.device, {}, code);
    const DevicePtr device(made);
    crypt_set_log_callback(device.get(), keep_complaint, &complaint);
    if (const int code = crypt_load(device.get(), CRYPT_LUKS2, nullptr); code < 0)
        return failed("read " + volume.device + " as LUKS2", complaint, code);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto* characters = reinterpret_cast<const char*>(passphrase.data());
    const int slot = crypt_activate_by_passphrase(device.get(), volume.name.c_str(), CRYPT_ANY_SLOT,
                                                  characters, passphrase.size(),
                                                  volume.read_only ? CRYPT_ACTIVATE_READONLY : 0U);
    if (slot < 0)
        return failed("open " + volume.device + " as " + volume.name, complaint, slot);
    return {};
}

} // namespace keybroker
