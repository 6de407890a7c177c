// SPDX-License-Identifier: MIT
//
// What AMD says in a VCEK's or VLEK's certificate. Not part of the library's interface.
//
// AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface Specification",
// section 3.1: extensions below 1.3.6.1.4.1.3704.1.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/result.hpp>

#include <optional>
#include <string>

#include <openssl/x509.h>

namespace tsmfd {

struct AmdCert {
    enum class Kind { vcek, vlek };

    Kind kind = Kind::vcek;
    std::string product; // "Milan", without the stepping
    SnpTcb tcb;
    // Of the certificate, 64 bytes or a Turin's 8; a VLEK has none.
    std::optional<ByteSpan> chip_id;
    // CSP_ID of a VLEK: whose cloud it is of.
    std::optional<std::string> csp_id;
};

// "VCEK" or "VLEK"
[[nodiscard]] const char* kind_name(AmdCert::Kind kind);

// By the subject; nothing for a certificate of another kind.
[[nodiscard]] std::optional<AmdCert::Kind> amd_kind_of(const X509* certificate);

// EBADMSG if an extension is missing or malformed.
[[nodiscard]] Result<AmdCert> parse_amd_cert(const X509* certificate);

} // namespace tsmfd
