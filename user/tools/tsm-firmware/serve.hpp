// SPDX-License-Identifier: MIT
//
// A firmware at work: takes requests from a proxy, and answers them.
#pragma once

#include "faults.hpp"
#include "firmware.hpp"
#include "pace.hpp"

#include <tsmfd/proxy.hpp>

#include <atomic>

namespace firmware {

struct Work {
    const tsmfd::Proxy& proxy;
    const Firmware& firmware;
    const Faults& faults;
    Pace& pace;
};

// Until the proxy fails, which is the error, or `stop` is set and a request or a signal comes. One
// that was given up meanwhile is nobody's error. Any number of threads may do it.
tsmfd::Result<void> serve(const Work& work, const std::atomic<bool>& stop);

// What a report looks like that has this fault; of none but the first five.
void spoil(Blobs& blobs, const Places& places, Fault fault);

} // namespace firmware
