// SPDX-License-Identifier: MIT
#include "snp_firmware.hpp"

#include "ecdsa_sign.hpp"

#include <tsmfd/evidence/cert_table.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace firmware {

namespace {

using tsmfd::fail;
using tsmfd::Result;
using tsmfd::SnpReport;
using tsmfd::SnpReportWire;

constexpr std::size_t signed_size = offsetof(SnpReportWire, signature_r);
constexpr std::uint8_t ecdsa_p384_sha384 = 1;
constexpr std::uint8_t signed_by_vlek = 1 << 2;

// Family, model, stepping.
std::array<std::uint8_t, 3> cpuid_of(Product product) {
    switch (product) {
    case Product::milan:
        return {0x19, 0x01, 0x01};
    case Product::genoa:
        return {0x19, 0x11, 0x01};
    case Product::turin:
        break;
    }
    return {0x1a, 0x02, 0x01};
}

template <std::size_t N>
void put(std::array<std::uint8_t, N>& to, std::uint64_t value) {
    for (std::size_t i = 0; i < N; ++i)
        to[i] = static_cast<std::uint8_t>(i < sizeof(value) ? value >> 8 * i : 0);
}

std::array<std::uint8_t, 8> wire(const tsmfd::SnpTcb& tcb) {
    if (tcb.fmc)
        return {*tcb.fmc, tcb.boot_loader, tcb.tee, tcb.snp, 0, 0, 0, tcb.microcode};
    return {tcb.boot_loader, tcb.tee, 0, 0, 0, 0, tcb.snp, tcb.microcode};
}

void put(Bytes& to, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        to[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

Bytes table_of(const Authority& authority, const Platform& platform) {
    const std::array<std::pair<tsmfd::Guid, const Bytes*>, 3> certificates = {{
        {platform.vlek ? tsmfd::cert_guid::vlek : tsmfd::cert_guid::vcek, &authority.leaf()},
        {tsmfd::cert_guid::ask, &authority.ask()},
        {tsmfd::cert_guid::ark, &authority.ark()},
    }};
    constexpr std::size_t entry_size = sizeof(tsmfd::CertEntryWire);
    Bytes table((certificates.size() + 1) * entry_size);
    std::size_t entry = 0;
    for (const auto& [guid, bytes] : certificates) {
        std::ranges::copy(guid.bytes, table.begin() + static_cast<std::ptrdiff_t>(entry));
        put(table, entry + offsetof(tsmfd::CertEntryWire, offset),
            static_cast<std::uint32_t>(table.size()));
        put(table, entry + offsetof(tsmfd::CertEntryWire, length),
            static_cast<std::uint32_t>(bytes->size()));
        table.insert(table.end(), bytes->begin(), bytes->end());
        entry += entry_size;
    }
    return table;
}

} // namespace

Result<void> sign_snp_report(std::span<std::uint8_t> report, EVP_PKEY* key) {
    constexpr std::size_t numbers = 2 * sizeof(SnpReportWire::signature_r);
    if (!sign_ecdsa(report.first(signed_size), key, EVP_sha384(),
                    report.subspan(signed_size, numbers), std::endian::little))
        return fail("sign a report", ENOMEM);
    return {};
}

SnpFirmware::SnpFirmware(Authority authority, const Platform& platform, const SnpSettings& settings)
    : authority_(std::move(authority)), table_(table_of(authority_, platform)) {
    put(common_.version, settings.version);
    put(common_.policy, SnpReport::policy_always | SnpReport::policy_smt |
                            (settings.debug ? SnpReport::policy_debug : 0U));
    common_.signature_algo[0] = ecdsa_p384_sha384;
    common_.measurement = settings.measurement;
    common_.signer_info[0] = platform.vlek ? signed_by_vlek : 0;
    std::ranges::copy(platform.chip(), common_.chip_id.begin());
    common_.current_tcb = common_.reported_tcb = common_.committed_tcb = common_.launch_tcb =
        wire(platform.tcb);
    std::ranges::fill(common_.report_id_ma, std::uint8_t{0xff}); // no migration agent
    if (settings.version >= 3)
        common_.cpuid = cpuid_of(platform.product);
}

Result<Blobs> SnpFirmware::report(const tsmfd::Options& options) const {
    SnpReportWire wire = common_;
    put(wire.vmpl, options.privlevel.value_or(0));
    wire.report_data = options.inblob.padded;

    Blobs blobs;
    blobs.outblob.resize(sizeof(wire));
    std::memcpy(blobs.outblob.data(), &wire, sizeof(wire));
    if (const auto was_signed = sign_snp_report(blobs.outblob, authority_.key()); !was_signed)
        return std::unexpected(was_signed.error());
    if (options.format == tsmfd::Format::extended)
        blobs.auxblob = table_;
    return blobs;
}

Places SnpFirmware::places() const {
    return {.signature = offsetof(SnpReportWire, signature_r),
            .tcb = offsetof(SnpReportWire, reported_tcb),
            .report_data = offsetof(SnpReportWire, report_data)};
}

tsmfd::ProxySettings SnpFirmware::provider() const {
    tsmfd::ProxySettings settings;
    settings.extended = true;
    settings.outblob_max = sizeof(SnpReportWire);
    settings.auxblob_max = static_cast<std::uint32_t>(table_.size());
    return settings;
}

} // namespace firmware
