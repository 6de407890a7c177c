// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "snp/snp_chain.hpp"
#include "snp/snp_guest.hpp"
#include "snp/snp_policy.hpp"
#include "x509/ecdsa.hpp"

#include <tsmfd/evidence/snp_verify.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::size_t signed_size = offsetof(SnpReportWire, signature_r);
constexpr std::uint32_t ecdsa_p384_sha384 = 1;
constexpr std::uint32_t signed_by_vcek = 0;
constexpr std::uint32_t signed_by_vlek = 1;
constexpr std::size_t p384_size = 48;

std::string text_of(const SnpTcb& tcb) {
    return (tcb.fmc ? fmt::format("fmc {} ", *tcb.fmc) : std::string()) +
           fmt::format("boot loader {} tee {} snp {} microcode {}", tcb.boot_loader, tcb.tee,
                       tcb.snp, tcb.microcode);
}

bool is_at_least(const SnpTcb& tcb, const SnpTcb& least) {
    return tcb.fmc.value_or(0) >= least.fmc.value_or(0) && tcb.boot_loader >= least.boot_loader &&
           tcb.tee >= least.tee && tcb.snp >= least.snp && tcb.microcode >= least.microcode;
}

// Nothing for a report that nobody has signed.
std::optional<AmdCert::Kind> signer_of(Verification& to, const SnpReport& report) {
    if (report.signing_key() == signed_by_vcek)
        return AmdCert::Kind::vcek;
    if (report.signing_key() == signed_by_vlek)
        return AmdCert::Kind::vlek;
    to.fail("signer", fmt::format("key {}: the report is not signed", report.signing_key()));
    return std::nullopt;
}

// The issuer of Milan's VCEKs is "SEV-Milan", and of its VLEKs "SEV-VLEK-Milan".
void check_product(Verification& to, const SnpReport& report, const X509* leaf,
                   const AmdCert& cert) {
    const std::string issuer = ossl::common_name(X509_get_issuer_name(leaf));
    const std::string expected =
        (cert.kind == AmdCert::Kind::vcek ? "SEV-" : "SEV-VLEK-") + cert.product;
    if (issuer != expected)
        return to.fail("product",
                       fmt::format("a certificate for {} issued by {}", cert.product, issuer));
    if (!report.cpuid)
        return to.pass("product", cert.product + ", as the certificate says");
    const std::string_view product = snp_product(*report.cpuid);
    to.judge(product == cert.product, "product",
             fmt::format("certificate {}, report {} (family {:#x}, model {:#x})", cert.product,
                         product.empty() ? "of no known product" : product, report.cpuid->family,
                         report.cpuid->model));
}

void check_chip(Verification& to, const SnpReport& report, const AmdCert& cert) {
    if (!cert.chip_id)
        return to.note("chip", "a VLEK is of no chip");
    // The host has masked it (MaskChipId). Whose key has signed is shown by the signature all the
    // same.
    if (is_zero(report.chip_id))
        return to.note("chip", "masked: the report does not show it");
    to.judge(is_of_chip(report, cert), "chip", to_hex(report.chip_id));
}

void check_minimum_tcb(Verification& to, const SnpTcb& reported, const AmdCert& cert,
                       const SnpPolicy::Members& policy) {
    const auto judge = [&](const SnpTcb& least) {
        to.judge(is_at_least(reported, least), "minimum tcb", text_of(least));
    };
    if (policy.minimum_tcb)
        judge(*policy.minimum_tcb);
    if (policy.minimum_tcbs.empty())
        return;
    const auto found =
        std::ranges::find(policy.minimum_tcbs, cert.product, &SnpProductTcb::product);
    if (found != policy.minimum_tcbs.end())
        judge(found->tcb);
    else
        to.fail("minimum tcb", "the policy has none of " + cert.product);
}

void check_tcb(Verification& to, const SnpReport& report, const AmdCert& cert,
               const SnpPolicy::Members& policy) {
    const SnpTcb reported = report.tcb(report.reported_tcb);
    if (reported == cert.tcb)
        to.pass("tcb", text_of(reported));
    else
        to.fail("tcb",
                fmt::format("report {}, certificate {}", text_of(reported), text_of(cert.tcb)));
    check_minimum_tcb(to, reported, cert, policy);
}

// Whose cloud a VLEK is of, which AMD says in its certificate.
void check_csp(Verification& to, const AmdCert& cert, const SnpPolicy::Members& policy) {
    if (policy.csp_ids.empty()) {
        if (cert.kind == AmdCert::Kind::vlek)
            to.note("csp", cert.csp_id.value_or("the certificate does not say"));
        return;
    }
    if (!cert.csp_id)
        return to.fail("csp", "the certificate is of no cloud's");
    to.judge(std::ranges::find(policy.csp_ids, *cert.csp_id) != policy.csp_ids.end(), "csp",
             *cert.csp_id);
}

// The numbers are little-endian, and the last 24 of their 72 bytes zero.
std::vector<std::uint8_t> big_endian(const std::array<std::uint8_t, 72>& number) {
    return {number.rbegin(), number.rend()};
}

void check_signature(Verification& to, const SnpReport& report, ByteSpan outblob,
                     const X509* leaf) {
    if (report.signature_algo != ecdsa_p384_sha384)
        return to.fail("signature", fmt::format("of algorithm {}", report.signature_algo));
    if ((report.signer_info & SnpReport::signer_mask_chip_key) != 0)
        return to.fail("signature", "none: the host has masked the chip's key (MASK_CHIP_KEY)");
    const std::vector<std::uint8_t> r = big_endian(report.signature_r);
    const std::vector<std::uint8_t> s = big_endian(report.signature_s);
    const bool whole = is_zero(std::span(report.signature_r).subspan(p384_size)) &&
                       is_zero(std::span(report.signature_s).subspan(p384_size));
    to.judge(whole && ossl::has_signed(X509_get0_pubkey(leaf), "SHA2-384", {.r = r, .s = s},
                                       outblob.first(signed_size)),
             "signature", "ECDSA with P-384 and SHA-384");
}

// Nobody has signed what is behind the signature, and firmware leaves it zero.
void check_rest(Verification& to, ByteSpan outblob) {
    if (!is_zero(outblob.subspan(offsetof(SnpReportWire, signature_rest))))
        to.fail("unsigned rest", "bytes behind the signature (0x330 to 0x49f) that are not zero");
}

void check_report(Verification& to, const SnpReport& report, ByteSpan outblob) {
    to.pass("report", report.version <= snp_newest_version
                          ? fmt::format("SEV-SNP, version {}", report.version)
                          : fmt::format("SEV-SNP, version {}, read as {}, the newest that is known",
                                        report.version, snp_newest_version));
    if ((report.policy & SnpReport::policy_reserved_one) == 0)
        to.fail("report", "bit 17 of POLICY is not set, which it always is");
    check_rest(to, outblob);
}

void check_signer(Verification& to, const SnpReport& report, const Evidence& evidence,
                  const SnpPolicy::Members& policy) {
    const auto kind = signer_of(to, report);
    if (!kind)
        return;
    const ChainPtr chain = snp_chain(evidence, policy, report, *kind);
    to.add(chain->checks);
    if (chain->valid)
        check_revocation(
            to, chain->listings, chain->path,
            {.at = policy.at, .root_required = policy.crl_required, .given = !policy.crls.empty()});
    if (chain->amd) {
        check_product(to, report, chain->leaf, *chain->amd);
        check_chip(to, report, *chain->amd);
        check_tcb(to, report, *chain->amd, policy);
        check_csp(to, *chain->amd, policy);
    }
    if (chain->leaf != nullptr)
        check_signature(to, report, evidence.outblob, chain->leaf);
}

} // namespace

Verification verify_snp(const Evidence& evidence, const SnpPolicy& by) noexcept {
    const SnpPolicy::Members& policy = by.members();
    const ossl::ErrorsForgotten errors;
    Verification result;
    const auto report = parse_snp_report(evidence.outblob);
    if (!report) {
        result.fail("report", report.error().message());
        return result;
    }
    check_report(result, *report, evidence.outblob);
    check_signer(result, *report, evidence, policy);
    check_snp_guest(result, *report, policy);
    return result;
}

} // namespace tsmfd
