// SPDX-License-Identifier: MIT
//
// HCL reports made by hand, and tsmfd_hcl's outblob and auxblob, for tests to
// spoil.
//
//     const std::string claims = hcl::claims_of(hcl::key_of("HCLAkPub",
//     modulus), user_data); const Bytes index = hcl::index_of(claims,
//     {.hardware = snp_report});
//
// Independent of the library's parsers and of its layout constants.
#pragma once

#include "evidence.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/sha.h>

namespace hcl {

using evidence::Bytes;

inline constexpr std::size_t hardware_at = 32; // in an index
inline constexpr std::size_t data_at = 32 + 1184;
inline constexpr std::size_t claims_at = data_at + 20;
inline constexpr std::size_t head_size = 32; // in front of the index, in an outblob
inline constexpr std::size_t snp_report_data = 0x50;
inline constexpr std::size_t tdx_report_data = 0x80;
inline constexpr std::uint32_t snp = 2;
inline constexpr std::uint32_t tdx = 4;

inline Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

inline Bytes sha256(std::span<const std::uint8_t> bytes) {
    Bytes digest(SHA256_DIGEST_LENGTH);
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

// Upper case, as the paravisor's.
inline std::string hex_of(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

inline std::string base64url(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t bits = 0;
        for (std::size_t i = at; i < at + 3; ++i)
            bits = bits << 8U | (i < bytes.size() ? bytes[i] : 0U);
        const std::size_t count = std::min<std::size_t>(bytes.size() - at, 3) + 1;
        for (std::size_t i = 0; i < count; ++i)
            text += digits[bits >> (18 - 6 * i) & 63U];
    }
    return text;
}

// A JWK, with the exponent 65537.
inline std::string key_of(std::string_view name, std::span<const std::uint8_t> modulus) {
    return R"({"kid":")" + std::string(name) +
           R"(","key_ops":["sign"],"kty":"RSA","e":"AQAB","n":")" + base64url(modulus) + "\"}";
}

inline std::string claims_of(const std::string& keys, const std::optional<Bytes>& user_data,
                             const std::string& more = "") {
    std::string text = R"({"keys":[)" + keys +
                       R"(],"vm-configuration":{"secure-boot":true,"tpm-persisted":false})" + more;
    if (user_data)
        text += R"(,"user-data":")" + hex_of(*user_data) + '"';
    return text + '}';
}

struct Index {
    Bytes hardware = Bytes(1184); // or fewer: zeros are put behind it
    std::uint32_t version = 1;
    std::uint32_t type = snp;
    std::uint32_t hash = 1;
    std::uint32_t data_version = 1;
    Bytes capabilities{};
    std::size_t padding = 9;
};

// What the index holds. The hardware's report is put in as it is.
inline Bytes index_of(std::string_view claims, const Index& of) {
    Bytes index(4);
    evidence::put(index, 0, "HCLA");
    const std::size_t data_size = 20 + of.capabilities.size() + claims.size();
    for (const std::size_t number :
         {std::size_t{of.version}, data_at + data_size, std::size_t{2}, std::size_t{0}})
        evidence::append_le32(index, static_cast<std::uint32_t>(number));
    index.resize(hardware_at);
    evidence::append(index, of.hardware);
    index.resize(data_at);
    for (const std::size_t number : {data_size, std::size_t{of.data_version}, std::size_t{of.type},
                                     std::size_t{of.hash}, claims.size()})
        evidence::append_le32(index, static_cast<std::uint32_t>(number));
    evidence::append(index, of.capabilities);
    evidence::append(index, bytes_of(claims));
    index.resize(index.size() + of.padding);
    return index;
}

// A hardware's report that is zero, but for its version and for what it says of
// the claims.
inline Bytes hardware_about(std::string_view claims, std::uint32_t type = snp) {
    Bytes report(type == snp ? 1184 : 1024);
    report[0] = type == snp ? 2 : 0x81;
    const Bytes digest = sha256(bytes_of(claims));
    std::copy(digest.begin(), digest.end(),
              report.begin() +
                  static_cast<std::ptrdiff_t>(type == snp ? snp_report_data : tdx_report_data));
    return report;
}

inline Bytes outblob_of(const Bytes& index, const Bytes& attest, const Bytes& signature,
                        const Bytes& key) {
    Bytes outblob(8);
    evidence::put(outblob, 0, "TSMFDHCL");
    evidence::append_le32(outblob, 1);
    for (const Bytes* part : {&index, &attest, &signature, &key})
        evidence::append_le32(outblob, static_cast<std::uint32_t>(part->size()));
    evidence::append_le32(outblob, 0);
    for (const Bytes* part : {&index, &attest, &signature, &key})
        evidence::append(outblob, *part);
    return outblob;
}

inline Bytes auxblob_of(const Bytes& certificate, const Bytes& event_log) {
    Bytes auxblob(8);
    evidence::put(auxblob, 0, "TSMFDHCA");
    evidence::append_le32(auxblob, 1);
    evidence::append_le32(auxblob, static_cast<std::uint32_t>(certificate.size()));
    evidence::append_le32(auxblob, static_cast<std::uint32_t>(event_log.size()));
    evidence::append_le32(auxblob, 0);
    evidence::append(auxblob, certificate);
    evidence::append(auxblob, event_log);
    return auxblob;
}

} // namespace hcl
