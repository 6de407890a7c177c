// SPDX-License-Identifier: MIT
#include "snp/amd_cert.hpp"

#include "x509/x509.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace tsmfd {

namespace {

constexpr const char* product_oid = "1.3.6.1.4.1.3704.1.2";
constexpr const char* boot_loader_oid = "1.3.6.1.4.1.3704.1.3.1";
constexpr const char* tee_oid = "1.3.6.1.4.1.3704.1.3.2";
constexpr const char* snp_oid = "1.3.6.1.4.1.3704.1.3.3";
constexpr const char* microcode_oid = "1.3.6.1.4.1.3704.1.3.8";
constexpr const char* fmc_oid = "1.3.6.1.4.1.3704.1.3.9"; // Turin and later
constexpr const char* hwid_oid = "1.3.6.1.4.1.3704.1.4";

constexpr const char* csp_id_oid = "1.3.6.1.4.1.3704.1.5"; // of a VLEK

constexpr std::uint8_t der_integer = 0x02;
constexpr std::uint8_t der_octet_string = 0x04;
constexpr std::uint8_t der_ia5_string = 0x16;
constexpr std::size_t chip_id_size = sizeof(SnpReportWire::chip_id);
constexpr std::size_t turin_chip_id_size = 8;

// The contents of a short DER value of this tag, which is all there is.
std::optional<ByteSpan> contents(ByteSpan der, std::uint8_t tag) {
    if (der.size() < 2 || der[0] != tag || der[1] != der.size() - 2 || der[1] >= 0x80)
        return std::nullopt;
    return der.subspan(2);
}

// INTEGER of 0 to 255: DER puts a zero before what would be negative.
std::optional<std::uint8_t> version_in(const X509* certificate, const char* oid) {
    const auto der = ossl::extension(certificate, oid);
    const auto number = der ? contents(*der, der_integer) : std::nullopt;
    if (!number)
        return std::nullopt;
    if (number->size() == 1 && (*number)[0] < 0x80)
        return (*number)[0];
    if (number->size() == 2 && (*number)[0] == 0 && (*number)[1] >= 0x80)
        return (*number)[1];
    return std::nullopt;
}

std::optional<SnpTcb> tcb_in(const X509* certificate) {
    const auto boot_loader = version_in(certificate, boot_loader_oid);
    const auto tee = version_in(certificate, tee_oid);
    const auto snp = version_in(certificate, snp_oid);
    const auto microcode = version_in(certificate, microcode_oid);
    if (!boot_loader || !tee || !snp || !microcode)
        return std::nullopt;
    return SnpTcb{.fmc = version_in(certificate, fmc_oid),
                  .boot_loader = *boot_loader,
                  .tee = *tee,
                  .snp = *snp,
                  .microcode = *microcode};
}

std::optional<std::string> text_in(const X509* certificate, const char* oid) {
    const auto der = ossl::extension(certificate, oid);
    const auto text = der ? contents(*der, der_ia5_string) : std::nullopt;
    if (!text)
        return std::nullopt;
    return std::string(text->begin(), text->end());
}

// "Milan-B0" of a VCEK, "Milan" of a VLEK.
std::string product_in(const X509* certificate) {
    const std::string text = text_in(certificate, product_oid).value_or("");
    return {text.begin(), std::ranges::find(text, '-')};
}

// The bytes themselves, or as an OCTET STRING.
std::optional<ByteSpan> chip_id_in(const X509* certificate) {
    const auto is_chip_id = [](ByteSpan bytes) {
        return bytes.size() == chip_id_size || bytes.size() == turin_chip_id_size;
    };
    const auto value = ossl::extension(certificate, hwid_oid);
    if (!value || is_chip_id(*value))
        return value;
    const auto inner = contents(*value, der_octet_string);
    return inner && is_chip_id(*inner) ? inner : std::nullopt;
}

} // namespace

const char* kind_name(AmdCert::Kind kind) {
    return kind == AmdCert::Kind::vcek ? "VCEK" : "VLEK";
}

std::optional<AmdCert::Kind> amd_kind_of(const X509* certificate) {
    const std::string name = ossl::common_name(X509_get_subject_name(certificate));
    if (name == "SEV-VCEK")
        return AmdCert::Kind::vcek;
    if (name == "SEV-VLEK")
        return AmdCert::Kind::vlek;
    return std::nullopt;
}

Result<AmdCert> parse_amd_cert(const X509* certificate) {
    const auto kind = amd_kind_of(certificate);
    if (!kind)
        return fail("a certificate that is neither a VCEK's nor a VLEK's", EBADMSG);
    const auto tcb = tcb_in(certificate);
    AmdCert cert{.kind = *kind,
                 .product = product_in(certificate),
                 .tcb = tcb.value_or(SnpTcb{}),
                 .chip_id = chip_id_in(certificate),
                 .csp_id = text_in(certificate, csp_id_oid)};
    if (!tcb || cert.product.empty() || (*kind == AmdCert::Kind::vcek && !cert.chip_id))
        return fail(fmt::format("a {} certificate without product, TCB or chip", kind_name(*kind)),
                    EBADMSG);
    return cert;
}

} // namespace tsmfd
