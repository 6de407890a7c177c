// SPDX-License-Identifier: MIT
//
// Bytes as they came from outside, and the one way to take numbers out of them.
//
// Reader walks a span and never past its end. It remembers a failure, so a parser reads
// straight through and asks once:
//
//     Reader in(blob);
//     const std::uint32_t magic = in.be32();
//     const ByteSpan name = in.bytes(in.be16());
//     if (!in.ok())
//         return fail("TPMS_ATTEST ends early", EBADMSG);
//
// After a failure every number is 0 and every span is empty.
//
// Threads: a value without shared state; one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tsmfd {

using ByteSpan = std::span<const std::uint8_t>;

class Reader {
public:
    explicit constexpr Reader(ByteSpan from) : left_(from) {}

    [[nodiscard]] constexpr bool ok() const { return ok_; }
    // Bytes not read yet.
    [[nodiscard]] constexpr std::size_t left() const { return left_.size(); }

    constexpr ByteSpan bytes(std::size_t count) {
        if (count > left_.size()) {
            ok_ = false;
            left_ = {};
            return {};
        }
        const ByteSpan taken = left_.first(count);
        left_ = left_.subspan(count);
        return taken;
    }

    template <std::size_t N>
    constexpr std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        std::ranges::copy(bytes(N), out.begin());
        return out;
    }

    constexpr std::uint8_t u8() { return little<std::uint8_t>(); }
    constexpr std::uint32_t le32() { return little<std::uint32_t>(); }
    constexpr std::uint64_t le64() { return little<std::uint64_t>(); }
    constexpr std::uint16_t be16() { return big<std::uint16_t>(); }
    constexpr std::uint32_t be32() { return big<std::uint32_t>(); }
    constexpr std::uint64_t be64() { return big<std::uint64_t>(); }

private:
    template <typename T>
    constexpr T little() {
        const ByteSpan from = bytes(sizeof(T));
        std::uint64_t value = 0;
        for (std::size_t i = from.size(); i-- > 0;)
            value = value << 8 | from[i];
        return static_cast<T>(value);
    }

    template <typename T>
    constexpr T big() {
        std::uint64_t value = 0;
        for (const std::uint8_t byte : bytes(sizeof(T)))
            value = value << 8 | byte;
        return static_cast<T>(value);
    }

    ByteSpan left_;
    bool ok_ = true;
};

} // namespace tsmfd
