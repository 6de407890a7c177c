// SPDX-License-Identifier: MIT
//
// Certificate revocation lists: read, checked against who issued them, looked up in. Not part of
// the library's interface.
//
// RFC 5280, section 5: CertificateList. AMD's are signed by the ARK and list ASKs; Intel's are the
// root's and each PCK CA's. Both are complete lists, in DER as they are fetched.
//
//     const auto lists = ossl::read_crls(bytes);
//     for (const ossl::CrlPtr& list : *lists)
//         if (ossl::is_crl_of(list.get(), issuer))
//             if (const auto times = ossl::check_crl(list.get(), issuer, at))
//                 revoked = ossl::lists(list.get(), certificate);
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

using CrlPtr = std::unique_ptr<X509_CRL, Free<&X509_CRL_free>>;
using Crls = std::vector<CrlPtr>;

// PEM, of one list or several with anything between them, or one in DER. EBADMSG for what is
// neither, for an empty span, and for more than `most`.
[[nodiscard]] Result<Crls> read_crls(ByteSpan bytes, std::size_t most = 16);

// Empty if memory is short.
[[nodiscard]] std::vector<std::uint8_t> pem_of(X509_CRL* crl);

// In seconds since 1970.
struct CrlTimes {
    std::int64_t issued = 0;            // thisUpdate
    std::optional<std::int64_t> next{}; // nextUpdate: when it is out of date
};

// By name. Whether it is so by its signature, check_crl() says.
[[nodiscard]] bool is_crl_of(const X509_CRL* crl, const X509* issuer);

// `issuer` may sign lists and has signed this one. EKEYREJECTED if not; EOPNOTSUPP for a list whose
// critical extensions say that it is another kind than a complete one.
[[nodiscard]] Result<CrlTimes> check_crl_signature(X509_CRL* crl, X509* issuer);

// The same, and it is in force at `at`, in seconds since 1970, or now. ESTALE if not.
[[nodiscard]] Result<CrlTimes> check_crl(X509_CRL* crl, X509* issuer,
                                         std::optional<std::int64_t> at);

// Is it on the list? By issuer and serial number.
[[nodiscard]] bool lists(X509_CRL* crl, const X509* certificate);

// "issued 2026-03-16, 16 days before, next due 2026-04-15": by days of UTC, as seen from `at` or
// now.
[[nodiscard]] std::string age_of(const CrlTimes& times, std::optional<std::int64_t> at);

} // namespace tsmfd::ossl
