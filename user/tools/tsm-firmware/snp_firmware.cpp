// SPDX-License-Identifier: MIT
#include "snp_firmware.hpp"

#include <tsmfd/cert_table.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <openssl/ecdsa.h>

namespace firmware {

namespace {

namespace ossl = tsmfd::ossl;
using tsmfd::fail;
using tsmfd::Result;
using tsmfd::SnpReport;
using tsmfd::SnpReportWire;

constexpr std::size_t signed_size = offsetof(SnpReportWire, signature_r);
constexpr std::uint8_t ecdsa_p384_sha384 = 1;
// Of a Milan, as the certificate says.
constexpr std::array<std::uint8_t, 3> milan = {0x19, 0x01, 0x01};

template <std::size_t N>
void put(std::array<std::uint8_t, N>& to, std::uint64_t value) {
    for (std::size_t i = 0; i < N; ++i)
        to[i] = static_cast<std::uint8_t>(i < sizeof(value) ? value >> 8 * i : 0);
}

std::array<std::uint8_t, 8> wire(const tsmfd::SnpTcb& tcb) {
    return {tcb.boot_loader, tcb.tee, 0, 0, 0, 0, tcb.snp, tcb.microcode};
}

void put(Bytes& to, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        to[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

Bytes table_of(const Authority& authority) {
    const std::array<std::pair<tsmfd::Guid, const Bytes*>, 3> certificates = {{
        {tsmfd::cert_guid::vcek, &authority.vcek()},
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

// An ECDSA-Sig-Value of RFC 3279; empty if memory is short.
Bytes der_signature(std::span<const std::uint8_t> bytes, EVP_PKEY* key) {
    const ossl::DigestContextPtr context(EVP_MD_CTX_new());
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size()) != 1)
        return {};
    Bytes der(size);
    if (EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) != 1)
        return {};
    der.resize(size);
    return der;
}

} // namespace

Result<void> sign_snp_report(std::span<std::uint8_t> report, EVP_PKEY* key) {
    const ossl::ErrorsForgotten errors;
    const Bytes der = der_signature(report.first(signed_size), key);
    const std::uint8_t* from = der.data();
    const ossl::SignaturePtr signature(
        der.empty() ? nullptr : d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size())));
    constexpr int number_size = sizeof(SnpReportWire::signature_r);
    std::uint8_t* numbers = report.subspan(signed_size).data();
    if (!signature ||
        BN_bn2lebinpad(ECDSA_SIG_get0_r(signature.get()), numbers, number_size) != number_size ||
        BN_bn2lebinpad(ECDSA_SIG_get0_s(signature.get()), numbers + number_size, number_size) !=
            number_size)
        return fail("sign a report", ENOMEM);
    return {};
}

SnpFirmware::SnpFirmware(Authority authority, const Platform& platform, const SnpSettings& settings)
    : authority_(std::move(authority)), table_(table_of(authority_)) {
    put(common_.version, settings.version);
    put(common_.policy, SnpReport::policy_always | SnpReport::policy_smt |
                            (settings.debug ? SnpReport::policy_debug : 0U));
    common_.signature_algo[0] = ecdsa_p384_sha384;
    common_.measurement = settings.measurement;
    common_.chip_id = platform.chip_id;
    common_.current_tcb = common_.reported_tcb = common_.committed_tcb = common_.launch_tcb =
        wire(platform.tcb);
    std::ranges::fill(common_.report_id_ma, std::uint8_t{0xff}); // no migration agent
    if (settings.version >= 3)
        common_.cpuid = milan;
}

Result<Blobs> SnpFirmware::report(const tsmfd::Options& options) const {
    SnpReportWire wire = common_;
    put(wire.vmpl, options.privlevel.value_or(0));
    wire.report_data = options.inblob.padded;

    Blobs blobs;
    blobs.outblob.resize(sizeof(wire));
    std::memcpy(blobs.outblob.data(), &wire, sizeof(wire));
    if (const auto was_signed = sign_snp_report(blobs.outblob, authority_.vcek_key()); !was_signed)
        return std::unexpected(was_signed.error());
    if (options.format == tsmfd::Format::extended)
        blobs.auxblob = table_;
    return blobs;
}

} // namespace firmware
