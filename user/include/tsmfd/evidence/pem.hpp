// SPDX-License-Identifier: MIT
//
// Certificates and revocation lists of several files, as one text that a policy or a Question
// takes.
//
//     std::vector<std::uint8_t> all = *certificates_in_pem(vcek_der);
//     std::ranges::copy(*certificates_in_pem(ask_ark_pem), std::back_inserter(all));
//     question.certificates(all);
//
// RFC 7468 is PEM; RFC 5280 what is in it. Nothing is verified.
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <cstdint>
#include <vector>

namespace tsmfd {

// PEM, of one or several with anything between them, or one in DER, as PEM with nothing between
// them; each ends with a newline. EBADMSG for what is neither, for an empty span, and for more
// than 256 certificates, or 16 lists; ENOMEM.
[[nodiscard]] TSMFD_API Result<std::vector<std::uint8_t>>
certificates_in_pem(ByteSpan file) noexcept;
[[nodiscard]] TSMFD_API Result<std::vector<std::uint8_t>> crls_in_pem(ByteSpan file) noexcept;

} // namespace tsmfd
