// SPDX-License-Identifier: MIT
//
// A report that speaks for one TLS connection, and for no other.
//
// Both ends of a TLS 1.3 connection can derive a value that nobody else has, and that another
// connection does not share: RFC 8446 section 7.5 (exporters). The report's challenge is a hash
// over it and over the verifier's nonce, so whoever forwards a report into a connection of its own
// forwards one that does not fit.
//
//     std::array<std::uint8_t, tls_exporter_size> exporter;
//     SSL_export_keying_material(ssl, exporter.data(), exporter.size(), tls_exporter_label.data(),
//                                tls_exporter_label.size(), nonce.data(), nonce.size(), 1);
//     Result<Inblob> inblob = tls_binding(nonce, exporter);      // 64 bytes
//
// the attester asks its report with it, and the verifier holds the report to it as the challenge.
// TLS itself is the caller's: this library is not linked with any.
//
// RFC 9266's tls-exporter is the same mechanism with a label of its own and no context. Ours
// differs so that a value which some other protocol shows in clear (SCRAM does not, but who knows)
// is not this one, and so that the nonce, being the context, is in both inputs.
//
//     SHA-512( "tsmfd-tls-bind-1"                     16 bytes, no NUL
//              nonce's length, nonce                  u32 big-endian, bytes
//              exporter value's length, the value )   u32 big-endian, bytes
//
// Threads: a function of its arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/options.hpp>
#include <tsmfd/result.hpp>

#include <cstddef>
#include <string_view>

namespace tsmfd {

// RFC 5705 section 4: labels that begin so need no registration.
inline constexpr std::string_view tls_exporter_label = "EXPERIMENTAL tsmfd attest 1";
// Bytes to export.
inline constexpr std::size_t tls_exporter_size = 32;

// Bytes of a nonce that is taken.
inline constexpr std::size_t tls_nonce_least = 16;
inline constexpr std::size_t tls_nonce_most = 64;

// EINVAL for a nonce or an exporter value of another length.
[[nodiscard]] TSMFD_API Result<Inblob> tls_binding(ByteSpan nonce, ByteSpan exporter) noexcept;

} // namespace tsmfd
