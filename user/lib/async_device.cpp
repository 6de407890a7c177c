// SPDX-License-Identifier: MIT
#include <tsmfd/async_device.hpp>
#include <tsmfd/names.hpp>

namespace tsmfd {

namespace {

using Stream = std::optional<std::vector<std::uint8_t>>;

} // namespace

Result<AsyncDevice> AsyncDevice::open(const std::string& path) noexcept {
    Result<Device> device = Device::open(path, Blocking::no);
    if (!device)
        return std::unexpected(std::move(device.error()));
    return AsyncDevice(std::move(*device));
}

Result<AsyncDevice> AsyncDevice::open(unsigned index) noexcept {
    return open(device_path(index));
}

Result<void> AsyncDevice::start(const Options& options) noexcept {
    return started(device_.set(options));
}

Result<void> AsyncDevice::start(const Inblob& inblob) noexcept {
    return started(device_.set_inblob(inblob));
}

Result<void> AsyncDevice::started(Result<void> set) noexcept {
    // What was started before is given up only by a set that was taken.
    waiting_ = waiting_ || set.has_value();
    return set;
}

Result<Stream> AsyncDevice::take() noexcept {
    if (!waiting_)
        return fail("read report from " + path() + ", where none was started", EINVAL);
    std::vector<std::uint8_t> bytes;
    const Result<ByteSpan> whole = device_.read_whole(bytes);
    if (!whole && (whole.error().code == EAGAIN || whole.error().code == EINTR))
        return Stream();
    waiting_ = false;
    if (!whole)
        return std::unexpected(whole.error());
    bytes.resize(whole->size());
    return Stream(std::move(bytes));
}

} // namespace tsmfd
