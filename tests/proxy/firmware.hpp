// SPDX-License-Identifier: MIT
//
// A provider whose firmware answers, in a thread of its own, until the end of the scope.
//
//     Firmware firmware({.name = "test"}, [](const ProxyRequest&) { return Bytes(100); });
//     const UniqueFd fd = open_device(firmware.index());
#pragma once

#include "support/device.hpp"

#include <tsmfd/proxy.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include <poll.h>

namespace guest {

class Firmware {
public:
    using Answer = std::function<Bytes(const tsmfd::ProxyRequest&)>;

    Firmware(tsmfd::ProxySettings settings, Answer answer)
        : proxy_(make(std::move(settings))), answer_(std::move(answer)),
          thread_([this](const std::stop_token& stop) { work(stop); }) {}

    [[nodiscard]] unsigned index() const { return proxy_.index(); }
    // Requests that it was given.
    [[nodiscard]] std::uint64_t requests() const { return proxy_.stats().value().requests; }

private:
    static tsmfd::Proxy make(tsmfd::ProxySettings settings) {
        settings.blocking = false;
        return tsmfd::Proxy::make(settings).value();
    }

    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd polled{.fd = proxy_.fd(), .events = POLLIN, .revents = 0};
            (void)::poll(&polled, 1, 20);
            const auto request = proxy_.next();
            if (!request || !*request)
                continue;
            const Bytes outblob = answer_(**request);
            // Whoever asked may have given up meanwhile.
            (void)proxy_.answer((*request)->id,
                                {.outblob = outblob, .auxblob = {}, .manifestblob = {}});
        }
    }

    tsmfd::Proxy proxy_;
    Answer answer_;
    std::jthread thread_; // last, for it uses the others
};

} // namespace guest
