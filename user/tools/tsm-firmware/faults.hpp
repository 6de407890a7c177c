// SPDX-License-Identifier: MIT
//
// What goes wrong with an emulated firmware, now and then.
//
//     Faults faults = *Faults::parse("signature=10,busy=5");   // in a thousand reports
//     switch (faults.next()) { case Fault::signature: ... }
//
// Threads: next() may be called by any number at once.
#pragma once

#include <tsmfd/result.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace firmware {

enum class Fault : std::uint8_t {
    signature,   // is wrong
    stale_tcb,   // an older TCB than the certificate's
    report_data, // another's
    truncated,   // the blob ends early
    oversize,    // is longer than was said
    busy,        // EBUSY
    throttled,   // EBUSY, this and all others for 2 seconds
    error,       // EIO
    silence,     // no answer
    crash,       // the process is killed
    none,
};

// "signature", "stale-tcb", ...
[[nodiscard]] std::string_view fault_name(Fault fault);

class Faults {
public:
    Faults() = default;
    Faults(const Faults& other) : permille_(other.permille_) {}
    Faults& operator=(const Faults&) = delete;

    // "NAME=N,...": N of a thousand reports; EINVAL for an unknown name or for more than a thousand
    // in all.
    static tsmfd::Result<Faults> parse(std::string_view text);

    // The same sequence in every run: of a thousand reports in a row as many have the fault as were
    // asked for, spread over them.
    [[nodiscard]] Fault next() const;

private:
    static constexpr std::size_t kinds = static_cast<std::size_t>(Fault::none);

    std::array<unsigned, kinds> permille_{};
    mutable std::atomic<std::uint32_t> reports_ = 0;
};

} // namespace firmware
