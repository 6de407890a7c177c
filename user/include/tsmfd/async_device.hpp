// SPDX-License-Identifier: MIT
//
// A report that is waited for by poll or epoll: one thread can hold thousands.
//
//     Result<AsyncDevice> device = AsyncDevice::open(0);       // /dev/tsmfd0
//     epoll_ctl(epoll, EPOLL_CTL_ADD, device->fd(), &event);   // EPOLLIN | EPOLLET
//     device->start(options);
//     ... EPOLLIN ...                                          // by the first epoll_wait() on
//     Result<std::optional<std::vector<std::uint8_t>>> stream = device->take();
//     if (stream && *stream)
//         Evidence::of_stream(**stream)                        // outblob and auxblob apart
//
// take() gives nothing while the report is not there, so it may be called at any time. After it
// gave a report or an error the device is idle, and start() may be called again.
//
// Polling has the report made that start() asks for, and no other: not even after a failure.
//
// Threads: fd() may be polled by any; all else by one at a time.
#pragma once

#include <tsmfd/device.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tsmfd {

class TSMFD_API AsyncDevice {
public:
    static Result<AsyncDevice> open(const std::string& path) noexcept;
    // /dev/tsmfdN
    static Result<AsyncDevice> open(unsigned index) noexcept;

    [[nodiscard]] int fd() const { return device_.fd(); }
    [[nodiscard]] const std::string& path() const { return device_.path(); }

    // Asks for a report, which is made as soon as fd() is polled or take() is called; one that was
    // started before and not taken is given up.
    Result<void> start(const Options& options) noexcept;
    // The same for another challenge, with the options of the last start.
    Result<void> start(const Inblob& inblob) noexcept;
    // Started, and neither taken nor failed yet.
    [[nodiscard]] bool waiting() const { return waiting_; }
    // The whole stream of outblob, auxblob and manifestblob; nothing while it is not there. EINVAL
    // if nothing was started.
    Result<std::optional<std::vector<std::uint8_t>>> take() noexcept;

private:
    Result<void> started(Result<void> set) noexcept;

    explicit AsyncDevice(Device device) : device_(std::move(device)) {}

    Device device_;
    bool waiting_ = false;
};

} // namespace tsmfd
