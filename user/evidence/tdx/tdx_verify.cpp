// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "tdx/pck_cert.hpp"
#include "tdx/tdx_guest.hpp"
#include "tdx/tdx_platform.hpp"
#include "tdx/tdx_policy.hpp"
#include "tdx/tdx_rtmrs.hpp"
#include "tdx/tdx_tcb.hpp"
#include "x509/chain.hpp"
#include "x509/ecdsa.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <array>
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

// For who is told that a chain leads elsewhere.
std::string whose(const TdxQuote& quote, X509* pck) {
    return fmt::format("the platform is of {}, the enclave that signs for it of {}",
                       ossl::name_text(X509_get_subject_name(pck)),
                       signer_text(quote.qe.mr_signer));
}

// That the quote brings along.
Chain verified_chain(const TdxQuote& quote, const TdxPolicy::Members& policy) {
    Chain chain;
    auto read = ossl::read_certificates(quote.pck_chain);
    if (!read) {
        chain.checks.fail("chain", read.error().message());
        return chain;
    }
    chain.certificates = std::move(*read);
    X509* first = chain.certificates.front().get();
    const std::string name = ossl::common_name(X509_get_subject_name(first));
    if (name != pck_name) {
        chain.checks.fail("chain", fmt::format("of a '{}'", name));
        return chain;
    }
    chain.leaf = first;
    chain.valid =
        check_chain(chain.checks, first, chain.certificates, policy.roots, policy.at, &chain.path);
    if (!chain.valid && !policy.roots.empty())
        chain.checks.checks.back().detail += "; " + whose(quote, first);
    auto pck = parse_pck_cert(first);
    if (pck) {
        chain.checks.pass("pck", fmt::format("FMSPC {}, PCEID {}, PCESVN {}, CPUSVN {}",
                                             to_hex(pck->fmspc), to_hex(pck->pce_id), pck->pce_svn,
                                             to_hex(pck->cpu_svn)));
        chain.pck = *pck;
    } else {
        chain.checks.fail("pck", pck.error().what);
    }
    return chain;
}

// Its REPORTDATA is the hash of the key and the authentication data, and zeros.
bool is_about_key(const TdxQuote& quote) {
    std::vector<std::uint8_t> hashed(quote.attestation_key.begin(), quote.attestation_key.end());
    hashed.insert(hashed.end(), quote.qe_auth_data.begin(), quote.qe_auth_data.end());
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(hashed.data(), hashed.size(), digest.data());
    const ByteSpan data = quote.qe.report_data;
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

} // namespace

Verification verify_tdx(const Evidence& evidence, const TdxPolicy& by) noexcept {
    const TdxPolicy::Members& policy = by.members();
    const ossl::ErrorsForgotten errors;
    Verification result;
    const auto quote = parse_tdx_quote(evidence.outblob);
    if (!quote) {
        result.fail("report", quote.error().message());
        return result;
    }
    result.pass("report", fmt::format("TDX quote, version {}", quote->version));
    static constexpr std::array<std::uint8_t, 3> kind = {'p', 'c', 'k'};
    const ChainKey key = {kind, policy.roots, quote->pck_chain, {}};
    const ChainPtr chain =
        chain_of(policy.chains, key, policy.at, [&] { return verified_chain(*quote, policy); });
    result.add(chain->checks);
    if (chain->leaf != nullptr)
        check_signatures(result, *quote, chain->leaf);
    const HeldCollateral collateral = check_collateral(result, policy, *chain);
    if (policy.qe_identity || collateral.identity == nullptr)
        check_qe_identity(result, quote->qe, policy.qe_identity.value_or(QeIdentity::intel()));
    if (collateral.identity != nullptr)
        check_qe_identity(result, quote->qe, *collateral.identity);
    check_module(result, *quote, policy.mr_signer_seam);
    check_guest(result, *quote, policy);
    check_rtmrs(result, *quote, policy.event_log, policy.events);
    check_tcb(result, *quote, *chain, collateral, policy);
    return result;
}

} // namespace tsmfd
