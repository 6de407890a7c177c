// SPDX-License-Identifier: MIT
//
// The emulated firmwares that tests/guest/session loads, and their knobs.
//
//     const Setting latency(plain, "latency_us", 5000);   // until the end of the scope
//     EXPECT_EQ(counter(plain, "calls"), 1);
#pragma once

#include "support/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace guest {

// N of /dev/tsmfdN
enum Instance : unsigned {
    plain = 0,   // one call at a time, as real firmware
    other = 1,   // a second one like it
    wide = 2,    // takes wide_calls at once
    floored = 3, // its lowest privlevel is floored_privlevel
    patient = 4, // the core asks again when it was busy
    instances = 5,
};

inline constexpr unsigned wide_calls = 4;
inline constexpr unsigned floored_privlevel = 2;

// Lengths of the emulator's blobs.
inline constexpr std::size_t report_size = 0x4a0;
inline constexpr std::size_t cert_table_size = 0x180;

// A file in debugfs: "settings", or a counter, as calls, overlap, inflight_peak, ...
[[nodiscard]] std::string emulator_file(unsigned instance, std::string_view name);
[[nodiscard]] std::uint64_t counter(unsigned instance, std::string_view name);

[[nodiscard]] std::uint64_t setting(unsigned instance, std::string_view name);
[[nodiscard]] Outcome try_set(unsigned instance, std::string_view name, std::uint64_t value);

// Of the device's folder in sysfs, without the newline.
[[nodiscard]] std::string attribute_path(unsigned instance, std::string_view name);
[[nodiscard]] std::string attribute(unsigned instance, std::string_view name);

class Setting {
public:
    Setting(unsigned instance, std::string_view name, std::uint64_t value);
    ~Setting();
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;

    void set(std::uint64_t value);

private:
    unsigned instance_;
    std::string name_;
    std::uint64_t before_;
};

// Firmware that does not answer, until told to or until the end of the scope.
class Hang {
public:
    explicit Hang(unsigned instance) : hang_(instance, "hang", 1) {}
    void end() { hang_.set(0); }

private:
    Setting hang_;
};

} // namespace guest
