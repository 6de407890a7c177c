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
#include <tsmfd/guid.hpp>
#include <tsmfd/hex.hpp>
#include <tsmfd/result.hpp>

#include <algorithm>
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
[[nodiscard]] constexpr std::string_view format_name(Format format) noexcept {
    return format == Format::extended ? "extended" : "default";
}

// EINVAL for any other word.
[[nodiscard]] inline Result<Format> parse_format(std::string_view name) noexcept {
    if (name == format_name(Format::plain))
        return Format::plain;
    if (name == format_name(Format::extended))
        return Format::extended;
    return fail("format '" + std::string(name) + "', neither default nor extended", EINVAL);
}

// The caller's nonce, the report data of the report: 0 to 64 bytes, zeros behind them.
struct Inblob {
    std::array<std::uint8_t, TSMFD_INBLOB_MAX> padded{};
    std::uint32_t size = 0;

    [[nodiscard]] ByteSpan bytes() const { return ByteSpan(padded).first(size); }
    // EINVAL for more than 64 bytes.
    [[nodiscard]] static Result<Inblob> from(ByteSpan bytes) noexcept {
        Inblob inblob;
        if (bytes.size() > inblob.padded.size())
            return fail("inblob of " + std::to_string(bytes.size()) + " bytes, at most 64", EINVAL);
        std::ranges::copy(bytes, inblob.padded.begin());
        inblob.size = static_cast<std::uint32_t>(bytes.size());
        return inblob;
    }
    // A line for write(2), with its newline, that leaves all other options as they are.
    void append_text(std::string& to) const noexcept {
        to += "inblob=";
        append_hex(to, bytes());
        to += '\n';
    }

    bool operator==(const Inblob&) const = default;
};

struct Options {
    Inblob inblob;
    std::optional<std::uint32_t> privlevel; // unset: the provider's floor
    Format format = Format::plain;
    std::string service_provider; // at most 15 characters; empty: unset
    std::optional<Guid> service_guid;
    std::optional<std::uint32_t> service_manifest_version;
    bool batch = false; // may share a report with others that wait; see proof.hpp

    // One line for write(2), with its newline.
    [[nodiscard]] std::string text() const noexcept {
        std::string out;
        append_text(out);
        return out;
    }

    // The same, appended: a loop keeps its buffer.
    void append_text(std::string& to) const noexcept {
        const auto word = [&to](std::string_view name, std::string_view value) {
            to.append(name).append("=").append(value).append(" ");
        };
        if (privlevel)
            word("privlevel", std::to_string(*privlevel));
        word("format", format_name(format));
        if (!service_provider.empty())
            word("service_provider", service_provider);
        if (service_guid)
            word("service_guid", service_guid->text());
        if (service_manifest_version)
            word("service_manifest_version", std::to_string(*service_manifest_version));
        if (batch)
            word("batch", "1");
        // Last: on a non-blocking file the inblob completes the options and starts the request.
        inblob.append_text(to);
    }
};

} // namespace tsmfd
