// SPDX-License-Identifier: MIT
//
// A firmware at work: takes requests from a proxy, and answers them.
#pragma once

#include "faults.hpp"
#include "snp_firmware.hpp"

#include <tsmfd/proxy.hpp>

#include <atomic>
#include <chrono>

namespace firmware {

struct Work {
    const tsmfd::Proxy& proxy;
    const SnpFirmware& firmware;
    const Faults& faults;
    std::chrono::microseconds latency{0}; // before each answer
};

// Until the proxy fails, which is the error, or `stop` is set and a request or a signal comes. One
// that was given up meanwhile is nobody's error. Any number of threads may do it.
tsmfd::Result<void> serve(const Work& work, const std::atomic<bool>& stop);

// What a report looks like that has this fault; of none but the first five.
void spoil(Blobs& blobs, Fault fault);

} // namespace firmware
