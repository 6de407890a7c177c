// SPDX-License-Identifier: MIT
//
// A GUID, held in the order its text is read in (RFC 4122).
//
//     constexpr Guid vcek = Guid::of("63da758d-e664-4564-adc5-f4b93be8accd");
//     vcek.text()            the same again
//     vcek.as_guid_t()       as the kernel's guid_t holds it: the first three groups
//                            little-endian
//
// The GHCB certificate table (AMD 56421) has them in RFC 4122 order.
#pragma once

#include <tsmfd/hex.hpp>
#include <tsmfd/result.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tsmfd {

struct Guid {
    std::array<std::uint8_t, 16> bytes{};

    static constexpr std::size_t text_length = 36;

    [[nodiscard]] std::string text() const noexcept {
        std::string out = to_hex(bytes);
        for (const std::size_t at : {8U, 13U, 18U, 23U})
            out.insert(at, 1, '-');
        return out;
    }

    [[nodiscard]] std::array<std::uint8_t, 16> as_guid_t() const noexcept {
        std::array<std::uint8_t, 16> out = bytes;
        std::reverse(out.begin(), out.begin() + 4);
        std::reverse(out.begin() + 4, out.begin() + 6);
        std::reverse(out.begin() + 6, out.begin() + 8);
        return out;
    }

    [[nodiscard]] constexpr bool is_zero() const { return *this == Guid{}; }

    // EINVAL for anything but 8-4-4-4-12 digits.
    [[nodiscard]] static Result<Guid> parse(std::string_view text) noexcept {
        Guid guid;
        if (!guid.read(text))
            return fail("GUID '" + std::string(text) + "'", EINVAL);
        return guid;
    }

    // For constants: text that is no GUID does not compile.
    static consteval Guid of(std::string_view text) {
        Guid guid;
        if (!guid.read(text))
            throw "not a GUID";
        return guid;
    }

    constexpr bool operator==(const Guid&) const = default;

private:
    constexpr bool read(std::string_view text) {
        if (text.size() != text_length)
            return false;
        std::size_t at = 0;
        for (std::uint8_t& byte : bytes) {
            if (at == 8 || at == 13 || at == 18 || at == 23) {
                if (text[at++] != '-')
                    return false;
            }
            const int high = hex_digit_value(text[at]);
            const int low = hex_digit_value(text[at + 1]);
            if (high < 0 || low < 0)
                return false;
            byte = static_cast<std::uint8_t>(high << 4 | low);
            at += 2;
        }
        return true;
    }
};

} // namespace tsmfd
