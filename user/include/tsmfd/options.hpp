// SPDX-License-Identifier: MIT
//
// What a report is asked with: a value, independent of any device.
//
//     Options options;
//     options.inblob = *Inblob::from(nonce);    // 1 to 64 bytes
//     options.privlevel = 2;
//     options.format = Format::extended;
//     options.text();   // "privlevel=2 format=extended inblob=00ff...\n", for write(2)
//
// The text is that of Documentation/abi.rst; Device turns the same value into an ioctl.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/guid.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <linux/tsmfd.h>

namespace tsmfd {

enum class Format : std::uint32_t {
    plain = TSMFD_FORMAT_DEFAULT, // "default", which C++ keeps for itself
    extended = TSMFD_FORMAT_EXTENDED,
};

// "default" or "extended".
TSMFD_API std::string_view format_name(Format format) noexcept;
// EINVAL for any other word.
TSMFD_API Result<Format> parse_format(std::string_view name) noexcept;

// The caller's nonce, the report data of the report: 0 to 64 bytes, zeros behind them.
struct TSMFD_API Inblob {
    std::array<std::uint8_t, TSMFD_INBLOB_MAX> padded{};
    std::uint32_t size = 0;

    [[nodiscard]] ByteSpan bytes() const { return ByteSpan(padded).first(size); }
    // EINVAL for more than 64 bytes.
    static Result<Inblob> from(ByteSpan bytes) noexcept;
    // A line for write(2), with its newline, that leaves all other options as they are.
    void append_text(std::string& to) const noexcept;

    bool operator==(const Inblob&) const = default;
};

struct TSMFD_API Options {
    Inblob inblob;
    std::optional<std::uint32_t> privlevel; // unset: the provider's floor
    Format format = Format::plain;
    std::string service_provider; // at most 15 characters; empty: unset
    std::optional<Guid> service_guid;
    std::optional<std::uint32_t> service_manifest_version;
    bool batch = false; // may share a report with others that wait; see proof.hpp

    // One line for write(2), with its newline.
    [[nodiscard]] std::string text() const noexcept;
    // The same, appended: a loop keeps its buffer.
    void append_text(std::string& to) const noexcept;
};

} // namespace tsmfd
