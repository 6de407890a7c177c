// SPDX-License-Identifier: MIT
//
// From where to fetch what a verifier of a TDX quote needs.
//
//     const Result<std::vector<Address>> addresses = tdx_addresses(evidence.outblob);
//     for (const Address& address : *addresses)
//         fmt::print("{}\n", address.url);      // curl -i each, and TdxCollateral::parse() all
//
// "Intel Provisioning Certification Service" API, version 4. The chains of who signed come only in
// the headers of the answers, so these are to be kept: curl's -i puts them in front, and
// TdxCollateral::parse() reads that. The root certificate is trusted because a person compares its
// fingerprint with what Intel publishes, and never because it was fetched.
//
// Threads: functions of their arguments. Nothing is fetched.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <string>
#include <vector>

namespace tsmfd {

struct Address {
    std::string what; // for people: "TCB info of FMSPC 90c06f000000"
    std::string url;
};

// By FMSPC and issuer of the platform's certificate, which comes with the quote: TCB info, QE
// identity, the CRLs of its issuer and of the root, the root. Nothing is verified. The errors of
// parse_tdx_quote(); EBADMSG for a certificate without FMSPC; EOPNOTSUPP for one that is not
// Intel's, as an emulated platform's, whose collateral its maker has.
[[nodiscard]] TSMFD_API Result<std::vector<Address>> tdx_addresses(ByteSpan quote) noexcept;

} // namespace tsmfd
