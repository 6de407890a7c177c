// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "ecdsa.hpp"
#include "x509.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/tdx_quote.hpp>
#include <tsmfd/tdx_verify.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace tsmfd {

namespace {

constexpr std::size_t number_size = 32; // of P-256: r, s, x, y
constexpr const char* sha256 = "SHA2-256";
constexpr std::string_view pck_name = "Intel SGX PCK Certificate";

ossl::EcdsaSignature signature_of(ByteSpan r_and_s) {
    return {.r = r_and_s.first(number_size), .s = r_and_s.subspan(number_size)};
}

// That the quote brings along; nothing if the first is not known to be a platform's.
std::optional<ossl::Certificates> read_chain(Verification& to, const TdxQuote& quote) {
    auto chain = ossl::read_certificates(quote.pck_chain);
    if (!chain) {
        to.fail("chain", chain.error().message());
        return std::nullopt;
    }
    const std::string name = ossl::common_name(X509_get_subject_name(chain->front().get()));
    if (name != pck_name) {
        to.fail("chain", fmt::format("of a '{}'", name));
        return std::nullopt;
    }
    return std::move(*chain);
}

// Its REPORTDATA is the hash of the key and the authentication data, and zeros.
bool is_about_key(const TdxQuote& quote) {
    std::vector<std::uint8_t> hashed(quote.attestation_key.begin(), quote.attestation_key.end());
    hashed.insert(hashed.end(), quote.qe_auth_data.begin(), quote.qe_auth_data.end());
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(hashed.data(), hashed.size(), digest.data());
    const ByteSpan data = quote.qe_report.subspan(offsetof(QeReportWire, report_data));
    return std::ranges::equal(data.first(digest.size()), digest) &&
           is_zero(data.subspan(digest.size()));
}

void check_signatures(Verification& to, const TdxQuote& quote, const X509* pck) {
    to.judge(ossl::has_signed(X509_get0_pubkey(pck), sha256, signature_of(quote.qe_signature),
                              quote.qe_report),
             "qe report", "ECDSA with P-256 and SHA-256, by the platform's key");
    to.judge(is_about_key(quote), "qe key", to_hex(quote.attestation_key.first(number_size)));

    const ossl::PkeyPtr key = ossl::p256_key(quote.attestation_key.first(number_size),
                                             quote.attestation_key.subspan(number_size));
    to.judge(key && ossl::has_signed(key.get(), sha256, signature_of(quote.signature),
                                     quote.signed_part),
             "signature", "ECDSA with P-256 and SHA-256");
}

void check_guest(Verification& to, const TdxQuote& quote, const TdxPolicy& policy) {
    check_report_data(to, quote.report_data, policy.challenge);
    check_debug(to, (quote.td_attributes & TdxQuote::attribute_debug) != 0, policy.debug_allowed);
    check_measurement(to, "mrtd", quote.mr_td, policy.mr_td);
    for (std::size_t i = 0; i < quote.rtmr.size(); ++i)
        check_measurement(to, fmt::format("rtmr{}", i), quote.rtmr[i], policy.rtmr[i]);
    to.note("tcb", to_hex(quote.tee_tcb_svn));
    if (policy.minimum_tcb)
        to.judge(std::ranges::equal(quote.tee_tcb_svn, *policy.minimum_tcb, std::greater_equal{}),
                 "minimum tcb", to_hex(*policy.minimum_tcb));
}

} // namespace

Verification verify_tdx(const Evidence& evidence, const TdxPolicy& policy) noexcept {
    const ossl::ErrorsForgotten errors;
    Verification result;
    const auto quote = parse_tdx_quote(evidence.outblob);
    if (!quote) {
        result.fail("report", quote.error().message());
        return result;
    }
    result.pass("report", fmt::format("TDX quote, version {}", quote->version));
    if (const auto chain = read_chain(result, *quote)) {
        X509* pck = chain->front().get();
        check_chain(result, pck, *chain, policy.roots, policy.at);
        check_signatures(result, *quote, pck);
    }
    check_guest(result, *quote, policy);
    return result;
}

} // namespace tsmfd
