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

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tsmfd {

using ByteSpan = std::span<const std::uint8_t>;

class Reader {
public:
    explicit constexpr Reader(ByteSpan from) : left_(from) {}

    [[nodiscard]] constexpr bool ok() const { return ok_; }
    // Bytes not read yet.
    [[nodiscard]] constexpr std::size_t left() const { return left_.size(); }

    ByteSpan bytes(std::size_t count) {
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
    std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        if (const ByteSpan from = bytes(N); !from.empty())
            std::memcpy(out.data(), from.data(), N);
        return out;
    }

    std::uint8_t u8() { return number<std::uint8_t, std::endian::little>(); }
    std::uint16_t le16() { return number<std::uint16_t, std::endian::little>(); }
    std::uint32_t le32() { return number<std::uint32_t, std::endian::little>(); }
    std::uint64_t le64() { return number<std::uint64_t, std::endian::little>(); }
    std::uint16_t be16() { return number<std::uint16_t, std::endian::big>(); }
    std::uint32_t be32() { return number<std::uint32_t, std::endian::big>(); }
    std::uint64_t be64() { return number<std::uint64_t, std::endian::big>(); }

private:
    template <typename T, std::endian order>
    T number() {
        T value = 0;
        if (const ByteSpan from = bytes(sizeof(T)); !from.empty())
            std::memcpy(&value, from.data(), sizeof(T));
        if constexpr (order != std::endian::native)
            value = std::byteswap(value);
        return value;
    }

    ByteSpan left_;
    bool ok_ = true;
};

} // namespace tsmfd
