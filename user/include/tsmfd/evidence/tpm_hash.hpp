// SPDX-License-Identifier: MIT
//
// The hashes of a TPM: their numbers, names and sizes, and digests by them.
//
// TCG, "Trusted Platform Module 2.0 Library", part 2 "Structures", table TPM_ALG_ID. Names are
// those of tpm2-tools.
//
//     std::optional<TpmHash> hash = tpm_hash_by_name("sha256");
//     TpmDigest digest = tpm_digest(*hash, {first, second});    // of one behind the other
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace tsmfd {

// TPM_ALG_ID of a hash that this library can compute.
enum class TpmHash : std::uint16_t {
    sha1 = 0x0004,
    sha256 = 0x000b,
    sha384 = 0x000c,
    sha512 = 0x000d,
    sm3_256 = 0x0012,
};

// A digest of any of them; the size says how many of the bytes are it.
struct TpmDigest {
    static constexpr std::size_t max_size = 64;

    std::array<std::uint8_t, max_size> padded{};
    std::size_t size = 0;

    [[nodiscard]] ByteSpan bytes() const { return ByteSpan(padded).first(size); }
    // True if these are the digest's bytes, all and no more.
    [[nodiscard]] bool is(ByteSpan other) const { return std::ranges::equal(bytes(), other); }

    bool operator==(const TpmDigest&) const = default;
};

[[nodiscard]] TSMFD_API std::optional<TpmHash> tpm_hash_by_id(std::uint16_t id) noexcept;
[[nodiscard]] TSMFD_API std::optional<TpmHash> tpm_hash_by_name(std::string_view name) noexcept;
[[nodiscard]] TSMFD_API std::string_view tpm_hash_name(TpmHash hash) noexcept;
// In bytes, 20 to 64.
[[nodiscard]] TSMFD_API std::size_t tpm_hash_size(TpmHash hash) noexcept;

// Of the parts, one behind the other. Empty where the OpenSSL at hand lacks the hash.
[[nodiscard]] TSMFD_API std::optional<TpmDigest>
tpm_digest(TpmHash hash, std::initializer_list<ByteSpan> parts) noexcept;

} // namespace tsmfd
