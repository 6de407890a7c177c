// SPDX-License-Identifier: MIT
#include "collateral.hpp"

#include "ecdsa_sign.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace firmware {

namespace {

constexpr std::size_t measurement_digits = 96;

std::string time_text(std::int64_t at) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(at)));
}

template <std::size_t N>
std::string components(const std::array<std::uint8_t, N>& versions) {
    std::string all;
    for (const std::uint8_t version : versions)
        all += fmt::format("{}{{\"svn\":{}}}", all.empty() ? "" : ",", version);
    return all;
}

// Of a module, or of the modules of one kind: MRSIGNERSEAM is zero.
std::string module_members() {
    return fmt::format(
        R"("mrsigner":"{}","attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF")",
        std::string(measurement_digits, '0'));
}

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '\n')
            quoted += "\\n";
        else if (c == '"' || c == '\\')
            quoted += {'\\', c};
        else
            quoted += c;
    }
    return quoted + '"';
}

} // namespace

std::string tcb_info(const TcbInfoFacts& facts) {
    const std::string date = time_text(facts.issued);
    return fmt::format(
        R"({{"id":"TDX","version":3,"issueDate":"{}","nextUpdate":"{}","fmspc":"{}","pceId":"{}",)"
        R"("tcbType":0,"tcbEvaluationDataNumber":1,"tdxModule":{{{}}},"tdxModuleIdentities":)"
        R"([{{"id":"TDX_01",{},"tcbLevels":[{{"tcb":{{"isvsvn":1}},"tcbDate":"{}",)"
        R"("tcbStatus":"{}"{}}}]}}],"tcbLevels":[{{"tcb":{{"sgxtcbcomponents":[{}],"pcesvn":{},)"
        R"("tdxtcbcomponents":[{}]}},"tcbDate":"{}","tcbStatus":"{}"{}}}]}})",
        date, time_text(facts.next), tsmfd::to_hex(facts.platform.fmspc),
        tsmfd::to_hex(facts.platform.pce_id), module_members(), module_members(), date,
        facts.module_status, facts.advisories, components(facts.platform.cpu_svn),
        facts.platform.pce_svn, components(std::array<std::uint8_t, 16>{}), date, facts.status,
        facts.advisories);
}

std::string qe_identity(const QeIdentityFacts& facts) {
    std::array<std::uint8_t, 32> signer{};
    std::ranges::copy(qe_signer, signer.begin());
    return fmt::format(
        R"({{"id":"TD_QE","version":2,"issueDate":"{}","nextUpdate":"{}",)"
        R"("tcbEvaluationDataNumber":1,"miscselect":"00000000","miscselectMask":"FFFFFFFF",)"
        R"("attributes":"11000000000000000000000000000000",)"
        R"("attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"{}","isvprodid":{},)"
        R"("tcbLevels":[{{"tcb":{{"isvsvn":{}}},"tcbDate":"{}","tcbStatus":"{}"}}]}})",
        time_text(facts.issued), time_text(facts.next), tsmfd::to_hex(signer), qe_product,
        qe_version, time_text(facts.issued), facts.status);
}

std::string signature_of(std::string_view text, EVP_PKEY* key) {
    std::array<std::uint8_t, 64> numbers{};
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(text.data()),
                                              text.size());
    return sign_ecdsa(bytes, key, EVP_sha256(), numbers, std::endian::big) ? tsmfd::to_hex(numbers)
                                                                           : std::string();
}

std::string signed_document(std::string_view name, std::string_view text, EVP_PKEY* key) {
    return fmt::format(R"({{"{}":{},"signature":"{}"}})", name, text, signature_of(text, key));
}

std::string document_of(const Collateral& collateral) {
    return fmt::format(
        R"({{"pck_crl_issuer_chain":{},"root_ca_crl":"{}","pck_crl":"{}",)"
        R"("tcb_info_issuer_chain":{},"tcb_info":{},"tcb_info_signature":"{}",)"
        R"("qe_identity_issuer_chain":{},"qe_identity":{},"qe_identity_signature":"{}"}})",
        json_string(collateral.pck_ca_chain), tsmfd::to_hex(collateral.root_crl),
        tsmfd::to_hex(collateral.pck_crl), json_string(collateral.signing_chain),
        json_string(collateral.tcb_info), collateral.tcb_info_signature,
        json_string(collateral.signing_chain), json_string(collateral.qe_identity),
        collateral.qe_identity_signature);
}

} // namespace firmware
