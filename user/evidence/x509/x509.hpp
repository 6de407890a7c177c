// SPDX-License-Identifier: MIT
//
// X.509 certificates: read, chained to a root, taken apart. Not part of the library's interface.
//
//     const auto roots = ossl::read_certificates(pem);
//     if (const auto held = ossl::check_chain(leaf, between, *roots, at); !held)
//         ...                                 // held.error() says why, and of which certificate
//
// Threads: functions of their arguments.
#pragma once

#include "x509/openssl.hpp"

#include <tsmfd/bytes.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tsmfd::ossl {

using Certificates = std::vector<X509Ptr>;

inline constexpr std::size_t most_certificates = 256;

// PEM, of one certificate or several with anything between them, or one certificate in DER.
// EBADMSG for what is neither, for an empty span, and for more than `most`.
[[nodiscard]] Result<Certificates> read_certificates(ByteSpan bytes,
                                                     std::size_t most = most_certificates);

// Empty if memory is short.
[[nodiscard]] std::vector<std::uint8_t> pem_of(X509* certificate);

// In seconds since 1970, UTC; nothing for a time that cannot be read.
[[nodiscard]] std::optional<std::int64_t> seconds_of(const ASN1_TIME* time);

// In seconds since 1970, the first and the last.
struct Validity {
    std::int64_t from = 0;
    std::int64_t until = 0;

    [[nodiscard]] bool holds(std::int64_t at) const { return from <= at && at <= until; }
};

// From `leaf` over any of `between` to one of `roots`, which are trusted because the caller says
// so, and must be self-signed; each valid at `at`, in seconds since 1970, or now. The value is when
// all of them are; `path` then has them, from the leaf to the root. EKEYREJECTED.
[[nodiscard]] Result<Validity> check_chain(X509* leaf, const Certificates& between,
                                           const Certificates& roots,
                                           std::optional<std::int64_t> at,
                                           Certificates* path = nullptr);

// The last CN of the subject, or the issuer; empty if there is none.
[[nodiscard]] std::string common_name(const X509_NAME* name);

// All of the name, for people: "OU=Emulated\, not of a processor,O=tsmfd". What is no printable
// ASCII is escaped.
[[nodiscard]] std::string name_text(const X509_NAME* name);

// The value of the extension with this OID in dotted digits.
[[nodiscard]] std::optional<ByteSpan> extension(const X509* certificate, const char* oid);

} // namespace tsmfd::ossl
