// SPDX-License-Identifier: MIT
//
// The claims of an HCL report: JSON in which the paravisor names the virtual TPM's keys.
//
// Microsoft's OpenHCL, openhcl_attestation_protocol, RuntimeClaims; keys are JWKs of RSA, of RFC
// 7517 and 7518, section 6.3.1.
//
//     Result<HclClaims> claims = parse_hcl_claims(report->claims);
//     const HclKey* ak = claims->key(HclClaims::ak_name);
//
// What else is in the claims ("vm-configuration") is left alone.
//
// Threads: a function of its argument; a value.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsmfd {

// Of RSA, big-endian. The numbers of keys other than the AK and the EK are not read.
struct HclKey {
    std::string name; // its "kid"
    std::vector<std::uint8_t> modulus{};
    std::vector<std::uint8_t> exponent{};
};

struct TSMFD_API HclClaims {
    static constexpr std::size_t max_size = 16384;          // of the JSON
    static constexpr unsigned max_depth = 8;                // of lists and objects in each other
    static constexpr std::string_view ak_name = "HCLAkPub"; // the attestation key
    static constexpr std::string_view ek_name = "HCLEkPub"; // the endorsement key

    std::vector<HclKey> keys{}; // each by another name
    // What the guest had written to NV index 0x01400002; the oldest have none, and zeros stand for
    // none as well.
    std::optional<std::array<std::uint8_t, 64>> user_data{};

    // nullptr if there is none of the name.
    [[nodiscard]] const HclKey* key(std::string_view name) const noexcept;
};

// EBADMSG for what is not JSON of at most that size and depth, or has a name twice in one object;
// for an AK or EK that is not one of RSA, for two keys of one name, and for user data that are not
// 64 bytes in hexadecimal.
[[nodiscard]] TSMFD_API Result<HclClaims> parse_hcl_claims(ByteSpan json) noexcept;

} // namespace tsmfd
