// SPDX-License-Identifier: MIT
#include "tdx_firmware.hpp"

#include "append.hpp"
#include "collateral.hpp"
#include "ecdsa_sign.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/sha.h>

namespace firmware {

namespace {

using tsmfd::append;
using tsmfd::fail;
using tsmfd::QeReportWire;
using tsmfd::Result;
using tsmfd::TdxBodyWire;
using tsmfd::TdxHeaderWire;

constexpr std::uint8_t version = 4;
constexpr std::uint8_t ecdsa_p256 = 2;
constexpr std::uint8_t tee_tdx = 0x81;
constexpr std::uint16_t pck_chain = 5;
constexpr std::uint16_t certified_by_qe = 6;
constexpr std::size_t number_size = 32; // of P-256: r, s, x, y
constexpr std::size_t signature_size = 2 * number_size;
constexpr std::uint8_t attribute_sept_ve_disable = 0x10; // of byte 3
// What Intel's quoting enclaves have for a vendor: verifiers know no other.
constexpr std::array<std::uint8_t, 16> qe_vendor = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                                    0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
// x87, SSE, AVX, AVX-512, PKRU and AMX, as a Sapphire Rapids has them.
constexpr std::array<std::uint8_t, 8> xfam = {0xe7, 0x1a, 0x06};
constexpr std::string_view qe_auth_data =
    "tsm-firmware quoting enclave...."; // 32 bytes, as Intel's

template <typename Wire>
requires std::is_trivially_copyable_v<Wire>
void append_wire(Bytes& to, const Wire& wire) {
    append(to, {reinterpret_cast<const std::uint8_t*>(&wire), sizeof(wire)});
}

void append_le(Bytes& to, std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

template <std::size_t N>
void put_text(std::array<std::uint8_t, N>& to, std::string_view text) {
    std::ranges::copy(text.substr(0, N), to.begin());
}

// x and y; empty if memory is short.
Bytes point_of(EVP_PKEY* key) {
    std::array<std::uint8_t, 1 + 2 * number_size> point{};
    std::size_t size = 0;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                        &size) != 1 ||
        size != point.size())
        return {};
    return {point.begin() + 1, point.end()};
}

// What says that a key is a quoting enclave's: its REPORTDATA is the hash of the key and of the
// authentication data.
QeReportWire qe_report(const Bytes& key, const PckPlatform& platform) {
    QeReportWire report{};
    report.cpu_svn = platform.cpu_svn;
    report.attributes[0] = 0x15; // initialised, 64 bit, may have the provisioning key; no debugging
    put_text(report.mr_enclave, "tsm-firmware quoting enclave");
    put_text(report.mr_signer, qe_signer);
    report.isv_prod_id[0] = qe_product;
    report.isv_svn[0] = qe_version;
    Bytes hashed = key;
    std::ranges::copy(qe_auth_data, std::back_inserter(hashed));
    SHA256(hashed.data(), hashed.size(), report.report_data.data());
    return report;
}

} // namespace

Result<TdxFirmware> TdxFirmware::make(PckAuthority authority, const PckPlatform& platform,
                                      const TdxSettings& settings) {
    TdxFirmware made(std::move(authority));
    made.header_.version[0] = version;
    made.header_.attestation_key[0] = ecdsa_p256;
    made.header_.tee_type[0] = tee_tdx;
    made.header_.qe_vendor_id = qe_vendor;
    std::ranges::copy(platform.ppid, made.header_.user_data.begin());

    made.body_.tee_tcb_svn = settings.tee_tcb_svn;
    put_text(made.body_.mr_seam, "tsm-firmware TDX module");
    made.body_.td_attributes[0] = settings.debug ? tsmfd::TdxQuote::attribute_debug : 0;
    made.body_.td_attributes[3] = attribute_sept_ve_disable;
    made.body_.xfam = xfam;
    made.body_.mr_td = settings.mr_td;
    made.body_.rtmr = settings.rtmr;

    const Bytes key = point_of(made.authority_.attestation_key());
    Bytes report;
    append_wire(report, qe_report(key, platform));
    std::array<std::uint8_t, signature_size> signature{};
    if (key.empty() ||
        !sign_ecdsa(report, made.authority_.pck_key(), EVP_sha256(), signature, std::endian::big))
        return fail("sign a quoting enclave's report", ENOMEM);

    Bytes certification = report;
    append(certification, signature);
    append_le(certification, qe_auth_data.size(), 2);
    std::ranges::copy(qe_auth_data, std::back_inserter(certification));
    append_le(certification, pck_chain, 2);
    append_le(certification, made.authority_.chain().size(), 4);
    append(certification, made.authority_.chain());

    made.certified_ = key;
    append_le(made.certified_, certified_by_qe, 2);
    append_le(made.certified_, certification.size(), 4);
    append(made.certified_, certification);
    return made;
}

Result<Blobs> TdxFirmware::report(const tsmfd::Options& options) const {
    TdxBodyWire body = body_;
    body.report_data = options.inblob.padded;
    Blobs blobs;
    append_wire(blobs.outblob, header_);
    append_wire(blobs.outblob, body);
    std::array<std::uint8_t, signature_size> signature{};
    if (!sign_ecdsa(blobs.outblob, authority_.attestation_key(), EVP_sha256(), signature,
                    std::endian::big))
        return fail("sign a quote", ENOMEM);
    append_le(blobs.outblob, signature.size() + certified_.size(), 4);
    append(blobs.outblob, signature);
    append(blobs.outblob, certified_);
    return blobs;
}

Places TdxFirmware::places() const {
    constexpr std::size_t body = sizeof(TdxHeaderWire);
    return {.signature = body + sizeof(TdxBodyWire) + 4,
            .tcb = body + offsetof(TdxBodyWire, tee_tcb_svn),
            .report_data = body + offsetof(TdxBodyWire, report_data)};
}

tsmfd::ProxySettings TdxFirmware::provider() const {
    tsmfd::ProxySettings settings;
    settings.privlevel_max = 0;
    settings.inblob_min = sizeof(TdxBodyWire::report_data);
    settings.inblob_max = sizeof(TdxBodyWire::report_data);
    settings.outblob_max = static_cast<std::uint32_t>(sizeof(TdxHeaderWire) + sizeof(TdxBodyWire) +
                                                      4 + signature_size + certified_.size());
    return settings;
}

} // namespace firmware
