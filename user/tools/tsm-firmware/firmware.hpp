// SPDX-License-Identifier: MIT
//
// Emulated firmware: what makes reports, whatever they are of.
//
// Threads: const members may be called by any number at once.
#pragma once

#include "state.hpp"

#include <tsmfd/options.hpp>
#include <tsmfd/proxy.hpp>
#include <tsmfd/result.hpp>

#include <cstddef>

namespace firmware {

struct Blobs {
    Bytes outblob;
    Bytes auxblob;
};

// Where in an outblob these stand: a fault changes a byte there.
struct Places {
    std::size_t signature = 0;
    std::size_t tcb = 0;
    std::size_t report_data = 0;
};

class Firmware {
public:
    Firmware() = default;
    Firmware(Firmware&&) = default;
    Firmware& operator=(Firmware&&) = delete;
    Firmware(const Firmware&) = delete;
    Firmware& operator=(const Firmware&) = delete;
    virtual ~Firmware() = default;

    [[nodiscard]] virtual tsmfd::Result<Blobs> report(const tsmfd::Options& options) const = 0;
    [[nodiscard]] virtual Places places() const = 0;
    // Formats, privlevels and sizes; name and limits are the caller's to add. The caller may also
    // have shorter challenges taken, behind which report() finds zeros.
    [[nodiscard]] virtual tsmfd::ProxySettings provider() const = 0;
};

} // namespace firmware
