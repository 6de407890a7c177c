// SPDX-License-Identifier: MIT
//
// What Intel says of a TDX platform beside the quote: which versions are up to date (TCB info),
// whose quoting enclave may sign (QE identity), and which certificates it has revoked.
//
//     const Result<TdxCollateral> collateral = TdxCollateral::parse(files);
//     if (!collateral)
//         fmt::print("{}\n", collateral.error().message());
//         // tcbInfo.tcbLevels[0].tcbStatus: missing: Invalid argument
//     policy.collateral(*collateral);
//
// "Intel Provisioning Certification Service" API, version 4:
// https://api.portal.trustedservices.intel.com/content/documentation.html
//
// Parsing says that the files have the shape of collateral; that it is signed, in force and about
// the quote's platform, verify_tdx() says. Nothing is fetched:
// tdx_addresses.hpp says from where.
//
// Threads: a value; copies share what was parsed, which does not change.
#pragma once

#include <tsmfd/bytes.hpp>
#include <tsmfd/export.hpp>
#include <tsmfd/result.hpp>

#include <memory>
#include <span>
#include <utility>

namespace tsmfd {

class TSMFD_API TdxCollateral {
public:
    // In any order, each one of:
    //
    //     TCB info       JSON with the members "tcbInfo" and "signature", as the service answers;
    //                    several, of platforms of different kinds, if need be
    //     QE identity    JSON with the members "enclaveIdentity" and "signature"
    //     certificates   of who has signed these: PEM, or DER; or the service's header
    //                    TCB-Info-Issuer-Chain as it comes, in which spaces and line ends are
    //                    written %20 and %0A, with other headers around it
    //     a CRL          in DER, PEM or hexadecimal: the root's, and a PCK CA's
    //     all of it      JSON as Phala's dcap-qvl writes it: tcb_info, tcb_info_signature,
    //                    qe_identity, qe_identity_signature and *_issuer_chain are strings,
    //                    root_ca_crl and pck_crl hexadecimal
    //
    // or the service's answer with its headers in front, as curl's -i gives it.
    //
    // EINVAL for JSON that is none of these, with the path of the member; EBADMSG for other bytes.
    // Bytes of any length are read, in time that grows with it: they are the verifier's own.
    [[nodiscard]] static Result<TdxCollateral> parse(std::span<const ByteSpan> files) noexcept;

    struct Contents; // the library's
    [[nodiscard]] const Contents& contents() const noexcept { return *contents_; }

private:
    explicit TdxCollateral(std::shared_ptr<const Contents> contents)
        : contents_(std::move(contents)) {}

    std::shared_ptr<const Contents> contents_;
};

} // namespace tsmfd
