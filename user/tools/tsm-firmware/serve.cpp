// SPDX-License-Identifier: MIT
#include "serve.hpp"

#include <cerrno>
#include <csignal>

#include <unistd.h>

namespace firmware {

namespace {

using tsmfd::Result;

Result<void> answer(const Work& work, const tsmfd::ProxyRequest& request) {
    const Fault fault = work.faults.next();
    if (fault == Fault::crash)
        (void)::kill(::getpid(), SIGKILL);
    if (fault == Fault::throttled)
        work.pace.throttle();
    if (work.pace.is_throttled())
        return work.proxy.refuse(request.id, EBUSY);
    work.pace.wait();
    if (fault == Fault::silence)
        return {};
    if (fault == Fault::busy)
        return work.proxy.refuse(request.id, EBUSY);
    if (fault == Fault::error)
        return work.proxy.refuse(request.id, EIO);
    auto blobs = work.firmware.report(request.options);
    if (!blobs)
        return work.proxy.refuse(request.id, blobs.error().code);
    spoil(*blobs, work.firmware.places(), fault);
    return work.proxy.answer(
        request.id, {.outblob = blobs->outblob, .auxblob = blobs->auxblob, .manifestblob = {}});
}

} // namespace

void spoil(Blobs& blobs, const Places& places, Fault fault) {
    Bytes& report = blobs.outblob;
    switch (fault) {
    case Fault::signature:
        report[places.signature] ^= 1;
        break;
    case Fault::stale_tcb:
        report[places.tcb] ^= 1;
        break;
    case Fault::report_data:
        report[places.report_data] ^= 1;
        break;
    case Fault::truncated:
        report.resize(report.size() - 1);
        break;
    case Fault::oversize:
        report.push_back(0);
        break;
    default:
        break;
    }
}

Result<void> serve(const Work& work, const std::atomic<bool>& stop) {
    while (!stop) {
        const auto request = work.proxy.next();
        if (!request) {
            if (request.error().code == EINTR)
                continue;
            return std::unexpected(request.error());
        }
        if (!*request)
            continue;
        // Given up by its caller or for its time; or of a length that was meant to be wrong.
        const auto answered = answer(work, **request);
        if (!answered && answered.error().code != ENOENT && answered.error().code != EMSGSIZE)
            return answered;
    }
    return {};
}

} // namespace firmware
