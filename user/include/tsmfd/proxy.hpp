// SPDX-License-Identifier: MIT
//
// The firmware's side of a provider whose firmware is this program.
//
//     Result<Proxy> proxy = Proxy::make({.name = "mine"});   // /dev/tsmfd<proxy->index()> is there
//     for (;;) {
//         Result<std::optional<ProxyRequest>> request = proxy->next();
//         ...
//         proxy->answer((*request)->id, {.outblob = report_for((*request)->options)});
//     }
//
// <linux/tsmfd_proxy.h> is the ABI. Needs CAP_SYS_ADMIN and the module tsmfd_proxy. The end of the
// object removes the provider, whose callers then get ENODEV.
//
// Threads: any number may take requests and answer them at once.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>
#include <tsmfd/unique_fd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace tsmfd {

struct ProxySettings {
    std::string name;                   // letters, digits, "_-."; at most 31
    bool extended = false;              // gives Format::extended, too
    bool service = false;               // takes the service options
    std::uint32_t privlevel_floor = 0;  // the lowest it accepts
    std::uint32_t privlevel_max = 3;    // and the highest
    std::uint32_t inblob_min = 1;       // bytes, of the shortest challenge that it takes
    std::uint32_t inblob_max = 64;      // of the longest; with less there are no batches
    std::uint32_t outblob_max = 16384;  // bytes
    std::uint32_t auxblob_max = 0;      // bytes
    std::uint32_t manifestblob_max = 0; // bytes
    std::uint32_t max_inflight = 1;     // requests that it is given at once
    std::uint32_t timeout_ms = 0;       // for each of them; 0: a minute
    bool blocking = true;               // next() waits
};

struct ProxyRequest {
    std::uint64_t id = 0;
    Options options; // with the privlevel, given or not
};

struct ProxyAnswer {
    ByteSpan outblob; // never empty
    ByteSpan auxblob;
    ByteSpan manifestblob;
};

struct ProxyStats {
    std::uint64_t requests = 0; // handed to the firmware
    std::uint64_t answers = 0;  // that were taken
    std::uint64_t refused = 0;  // that were not
    std::uint64_t timeouts = 0; // requests that the firmware took too long over
};

class TSMFD_API Proxy {
public:
    static Result<Proxy> make(const ProxySettings& settings) noexcept;

    // Readable when there is a request.
    [[nodiscard]] int fd() const { return fd_.get(); }
    // N of /dev/tsmfdN
    [[nodiscard]] unsigned index() const { return index_; }

    // Nothing if none is there and the proxy is not blocking. EINTR is an error as any other.
    [[nodiscard]] Result<std::optional<ProxyRequest>> next() const noexcept;
    // ENOENT for a request that is answered already or was given up, EMSGSIZE for a blob that is
    // longer than the settings say.
    [[nodiscard]] Result<void> answer(std::uint64_t id, const ProxyAnswer& answer) const noexcept;
    // The request fails with the errno. EINVAL for one that is not the firmware's to give, such as
    // EAGAIN; struct tsmfd_proxy_answer of the ABI has them all.
    [[nodiscard]] Result<void> refuse(std::uint64_t id, int error) const noexcept;

    [[nodiscard]] Result<ProxyStats> stats() const noexcept;

private:
    Proxy(UniqueFd fd, unsigned index) : fd_(std::move(fd)), index_(index) {}

    UniqueFd fd_;
    unsigned index_;
};

} // namespace tsmfd
