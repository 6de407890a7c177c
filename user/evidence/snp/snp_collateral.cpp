// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "snp/amd_cert.hpp"
#include "x509/x509.hpp"

#include <tsmfd/evidence/cert_table.hpp>
#include <tsmfd/evidence/snp_collateral.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/hex.hpp>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr std::string_view server = "https://kdsintf.amd.com";
constexpr std::uint32_t signed_by_vlek = 1;
constexpr std::size_t turin_chip_id_size = 8;

// As a certificate says that came along; empty if none does.
std::string enclosed_product(ByteSpan auxblob) {
    const auto table = CertTable::parse(auxblob);
    if (!table)
        return {};
    for (const Cert& entry : *table) {
        const auto read = ossl::read_certificates(entry.bytes, 1);
        const auto cert = read ? parse_amd_cert(read->front().get()) : fail("", EBADMSG);
        if (cert)
            return cert->product;
    }
    return {};
}

std::string vcek_of(const SnpReport& report, std::string_view product) {
    const SnpTcb tcb = report.tcb(report.reported_tcb);
    const ByteSpan chip = report.chip_id;
    const ByteSpan id = report.is_turin() ? chip.first(turin_chip_id_size) : chip;
    const std::string fmc = tcb.fmc ? fmt::format("fmcSPL={:02}&", *tcb.fmc) : "";
    return fmt::format("{}/vcek/v1/{}/{}?{}blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
                       server, product, to_hex(id), fmc, tcb.boot_loader, tcb.tee, tcb.snp,
                       tcb.microcode);
}

} // namespace

Result<SnpCollateral> snp_collateral(const Evidence& evidence, std::string_view product) noexcept {
    const ossl::ErrorsForgotten errors;
    const auto report = parse_snp_report(evidence.outblob);
    if (!report)
        return std::unexpected(report.error());
    std::string line(product);
    if (line.empty() && report->cpuid)
        line = snp_product(*report->cpuid);
    if (line.empty())
        line = enclosed_product(evidence.auxblob);
    if (line.empty())
        return fail(
            fmt::format("SNP report of version {} that does not say its product", report->version),
            ENODATA);
    SnpCollateral needed;
    const bool vlek = report->signing_key() == signed_by_vlek;
    if (vlek)
        needed.missing.emplace_back("the VLEK: the cloud that the machine is of has it");
    else if (is_zero(report->chip_id))
        needed.missing.emplace_back("the VCEK: the host has masked the chip's id");
    else
        needed.addresses.push_back(vcek_of(*report, line));
    for (const char* what : {"cert_chain", "crl"})
        needed.addresses.push_back(
            fmt::format("{}/{}/v1/{}/{}", server, vlek ? "vlek" : "vcek", line, what));
    return needed;
}

} // namespace tsmfd
