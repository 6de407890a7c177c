// SPDX-License-Identifier: MIT
#include "amd_cert.hpp"
#include "common_checks.hpp"
#include "ecdsa.hpp"
#include "x509.hpp"

#include <tsmfd/cert_table.hpp>
#include <tsmfd/hex.hpp>
#include <tsmfd/snp_verify.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
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

// The product line whose processors have this family and model; empty if none is known. (AMD
// 57230, section 3.1; Bergamo and Siena count as Genoa.)
std::string product_of(const SnpCpuid& cpuid) {
    if (cpuid.family == 0x19 && cpuid.model <= 0x0f)
        return "Milan";
    if (cpuid.family == 0x19 && ((cpuid.model >= 0x10 && cpuid.model <= 0x1f) ||
                                 (cpuid.model >= 0xa0 && cpuid.model <= 0xaf)))
        return "Genoa";
    if (cpuid.family == 0x1a && cpuid.model <= 0x11)
        return "Turin";
    return {};
}

// Those of the policy and those of the auxblob: none of them is trusted. What cannot be read is
// left out, and a check says so.
ossl::Certificates gather(Verification& to, const Evidence& evidence, const SnpPolicy& policy) {
    ossl::Certificates all;
    const auto take = [&](ByteSpan bytes, const char* whose) {
        auto read = ossl::read_certificates(bytes);
        if (!read)
            return to.fail("certificates", fmt::format("{}: {}", whose, read.error().message()));
        std::ranges::move(*read, std::back_inserter(all));
    };
    if (!policy.certificates.empty())
        take(policy.certificates, "the policy's");
    if (evidence.auxblob.empty())
        return all;
    const auto table = CertTable::parse(evidence.auxblob);
    if (!table) {
        to.fail("certificates", table.error().message());
        return all;
    }
    for (const Cert& cert : *table) {
        if (cert.guid == cert_guid::vcek || cert.guid == cert_guid::vlek ||
            cert.guid == cert_guid::ask)
            take(cert.bytes, "the auxblob's");
    }
    return all;
}

// The certificate of the key that the report names; nullptr if there is none.
X509* find_signer(Verification& to, const SnpReport& report, const ossl::Certificates& all) {
    if (report.signing_key() != signed_by_vcek && report.signing_key() != signed_by_vlek) {
        to.fail("signer", fmt::format("key {}: the report is not signed", report.signing_key()));
        return nullptr;
    }
    const auto wanted =
        report.signing_key() == signed_by_vcek ? AmdCert::Kind::vcek : AmdCert::Kind::vlek;
    for (const ossl::X509Ptr& certificate : all) {
        if (amd_kind_of(certificate.get()) == wanted) {
            to.pass("signer", kind_name(wanted));
            return certificate.get();
        }
    }
    to.fail("signer", fmt::format("{}, of which there is no certificate", kind_name(wanted)));
    return nullptr;
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
    const std::string product = product_of(*report.cpuid);
    to.judge(product == cert.product, "product",
             fmt::format("certificate {}, report {} (family {:#x}, model {:#x})", cert.product,
                         product.empty() ? "of no known product" : product, report.cpuid->family,
                         report.cpuid->model));
}

void check_chip(Verification& to, const SnpReport& report, const AmdCert& cert) {
    if (!cert.chip_id)
        return to.note("chip", "a VLEK is of no chip");
    if ((report.signer_info & SnpReport::signer_mask_chip_key) != 0 && is_zero(report.chip_id))
        return to.note("chip", "the report does not show it");
    to.judge(std::ranges::equal(report.chip_id, *cert.chip_id), "chip", to_hex(report.chip_id));
}

void check_tcb(Verification& to, const SnpReport& report, const AmdCert& cert,
               const SnpPolicy& policy) {
    const SnpTcb reported = report.tcb(report.reported_tcb);
    if (reported == cert.tcb)
        to.pass("tcb", text_of(reported));
    else
        to.fail("tcb",
                fmt::format("report {}, certificate {}", text_of(reported), text_of(cert.tcb)));
    if (policy.minimum_tcb)
        to.judge(is_at_least(reported, *policy.minimum_tcb), "minimum tcb",
                 text_of(*policy.minimum_tcb));
}

// The numbers are little-endian, and the last 24 of their 72 bytes zero.
std::vector<std::uint8_t> big_endian(const std::array<std::uint8_t, 72>& number) {
    return {number.rbegin(), number.rend()};
}

void check_signature(Verification& to, const SnpReport& report, ByteSpan outblob,
                     const X509* leaf) {
    if (report.signature_algo != ecdsa_p384_sha384)
        return to.fail("signature", fmt::format("of algorithm {}", report.signature_algo));
    const std::vector<std::uint8_t> r = big_endian(report.signature_r);
    const std::vector<std::uint8_t> s = big_endian(report.signature_s);
    const bool whole = is_zero(std::span(report.signature_r).subspan(p384_size)) &&
                       is_zero(std::span(report.signature_s).subspan(p384_size));
    to.judge(whole && ossl::has_signed(X509_get0_pubkey(leaf), "SHA2-384", {.r = r, .s = s},
                                       outblob.first(signed_size)),
             "signature", "ECDSA with P-384 and SHA-384");
}

void check_guest(Verification& to, const SnpReport& report, const SnpPolicy& policy) {
    check_report_data(to, report.report_data, policy.challenge);
    check_debug(to, (report.policy & SnpReport::policy_debug) != 0, policy.debug_allowed);
    check_measurement(to, "measurement", report.measurement, policy.measurements);
    if (policy.vmpl)
        to.judge(report.vmpl == *policy.vmpl, "vmpl", std::to_string(report.vmpl));
    if (policy.vmpl_max)
        to.judge(report.vmpl <= *policy.vmpl_max, "vmpl",
                 fmt::format("{}, of at most {}", report.vmpl, *policy.vmpl_max));
    if (!policy.vmpl && !policy.vmpl_max)
        to.note("vmpl", std::to_string(report.vmpl));
}

} // namespace

Verification verify_snp(const Evidence& evidence, const SnpPolicy& policy) noexcept {
    const ossl::ErrorsForgotten errors;
    Verification result;
    const auto report = parse_snp_report(evidence.outblob);
    if (!report) {
        result.fail("report", report.error().message());
        return result;
    }
    result.pass("report", fmt::format("SEV-SNP, version {}", report->version));

    const ossl::Certificates all = gather(result, evidence, policy);
    if (X509* leaf = find_signer(result, *report, all); leaf != nullptr) {
        check_chain(result, leaf, all, policy.roots, policy.at);
        if (const auto cert = parse_amd_cert(leaf)) {
            check_product(result, *report, leaf, *cert);
            check_chip(result, *report, *cert);
            check_tcb(result, *report, *cert, policy);
        } else {
            result.fail("product", cert.error().message());
        }
        check_signature(result, *report, evidence.outblob, leaf);
    }
    check_guest(result, *report, policy);
    return result;
}

} // namespace tsmfd
