// SPDX-License-Identifier: MIT
//
// What a quote says of what is below the guest: whose quoting enclave has made it, and whose TDX
// module vouches for its measurements. Not part of the library's interface.
//
//     check_qe_identity(result, quote.qe, policy.qe_identity.value_or(QeIdentity::intel()));
//     check_module(result, quote, policy.mr_signer_seam);
//
// Threads: functions of their arguments.
#pragma once

#include <tsmfd/evidence/qe_identity.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/verification.hpp>

#include <span>
#include <string>

namespace tsmfd {

// For people: in hexadecimal, and as text if it is one, as an emulated platform's is.
[[nodiscard]] std::string signer_text(ByteSpan mr_signer);

// "qe identity": MRSIGNER, ISVPRODID, MISCSELECT and ATTRIBUTES are the identity's, and the enclave
// cannot be debugged.
void check_qe_identity(Verification& to, const QeReport& qe, const QeIdentity& identity);

// "tdx module": SEAMATTRIBUTES are zero, and MRSIGNERSEAM is one of `signers`: of none, it is zero,
// which says that the module is Intel's.
void check_module(Verification& to, const TdxQuote& quote,
                  std::span<const std::vector<std::uint8_t>> signers);

// "td attributes": no bit of ATTRIBUTES that is reserved is set.
void check_attributes(Verification& to, const TdxQuote& quote);

} // namespace tsmfd
