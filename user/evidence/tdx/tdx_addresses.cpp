// SPDX-License-Identifier: MIT
#include "tdx/pck_cert.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/tdx_addresses.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/hex.hpp>

#include <string_view>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view service = "https://api.trustedservices.intel.com";
constexpr std::string_view certificates = "https://certificates.trustedservices.intel.com";

// What Intel calls the issuers of platforms' certificates, of several processors and of one; empty
// for another's.
std::string_view ca_of(X509* pck) {
    const std::string all = ossl::name_text(X509_get_issuer_name(pck));
    const std::string name = ossl::common_name(X509_get_issuer_name(pck));
    if (all.find("O=Intel Corporation") == std::string::npos)
        return {};
    if (name == "Intel SGX PCK Platform CA")
        return "platform";
    return name == "Intel SGX PCK Processor CA" ? "processor" : std::string_view();
}

} // namespace

Result<std::vector<Address>> tdx_addresses(ByteSpan bytes) noexcept {
    const ossl::ErrorsForgotten errors;
    const auto quote = parse_tdx_quote(bytes);
    if (!quote)
        return std::unexpected(quote.error());
    const auto chain = ossl::read_certificates(quote->pck_chain);
    if (!chain)
        return std::unexpected(chain.error());
    X509* leaf = chain->front().get();
    const auto pck = parse_pck_cert(leaf);
    if (!pck)
        return std::unexpected(pck.error());
    const std::string_view ca = ca_of(leaf);
    if (ca.empty())
        return fail(
            fmt::format("a platform that {} has certified: Intel's service does not know it",
                        ossl::name_text(X509_get_issuer_name(leaf))),
            EOPNOTSUPP);
    const std::string fmspc = to_hex(pck->fmspc);
    return std::vector<Address>{
        {"TCB info of FMSPC " + fmspc,
         fmt::format("{}/tdx/certification/v4/tcb?fmspc={}", service, fmspc)},
        {"QE identity", fmt::format("{}/tdx/certification/v4/qe/identity", service)},
        {fmt::format("CRL of the {} CA", ca),
         fmt::format("{}/sgx/certification/v4/pckcrl?ca={}&encoding=der", service, ca)},
        {"CRL of the root", fmt::format("{}/IntelSGXRootCA.der", certificates)},
        {"root", fmt::format("{}/Intel_SGX_Provisioning_Certification_RootCA.cer", certificates)},
    };
}

} // namespace tsmfd
