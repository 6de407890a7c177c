// SPDX-License-Identifier: MIT
#include "document_hcl.hpp"

#include "document.hpp"
#include "document_tdx.hpp"

#include <tsmfd/evidence/hcl_claims.hpp>
#include <tsmfd/evidence/snp_report.hpp>
#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/hex.hpp>
#include <tsmfd/printable.hpp>

#include <algorithm>
#include <bit>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::ByteSpan;
using tsmfd::HclReport;

// Whoever made the claims has chosen the names in them, too.
Json printable_of(const Json& json) {
    if (json.is_string())
        return tsmfd::printable(json.get<std::string>());
    if (json.is_array()) {
        Json list = Json::array();
        for (const Json& one : json)
            list.push_back(printable_of(one));
        return list;
    }
    if (!json.is_object())
        return json;
    Json object = Json::object();
    for (const auto& [name, value] : json.items())
        object[tsmfd::printable(name)] = printable_of(value);
    return object;
}

// Of a number, big-endian.
std::size_t bits_of(ByteSpan number) {
    const auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
    if (first == number.end())
        return 0;
    const auto bytes = static_cast<std::size_t>(number.end() - first);
    return 8 * (bytes - 1) + static_cast<std::size_t>(std::bit_width(*first));
}

Json keys_of(const tsmfd::HclClaims& claims) {
    Json keys = Json::array();
    for (const tsmfd::HclKey& key : claims.keys) {
        Json one = {{"name", tsmfd::printable(key.name)}};
        if (!key.modulus.empty()) {
            one["rsa_bits"] = bits_of(key.modulus);
            one["modulus"] = tsmfd::to_hex(key.modulus);
            one["exponent"] = tsmfd::to_hex(key.exponent);
        }
        keys.push_back(std::move(one));
    }
    return keys;
}

Json claims_of(ByteSpan bytes) {
    const auto claims = tsmfd::parse_hcl_claims(bytes);
    if (!claims)
        return tsmfd::printable(claims.error().what);
    Json json = {{"keys", keys_of(*claims)}};
    if (claims->user_data)
        json["user_data"] = tsmfd::to_hex(*claims->user_data);
    const Json all = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    for (const auto& [name, value] : all.items()) {
        if (name != "keys" && name != "user-data")
            json[tsmfd::printable(name)] = printable_of(value);
    }
    return json;
}

Json hardware_of(const HclReport& report) {
    if (report.hardware_kind == tsmfd::HclHardware::tdx) {
        const auto td = tsmfd::parse_td_report(report.hardware);
        return td ? document_of(*td) : Json(td.error().what);
    }
    // First, for the bytes may be a report of another kind.
    if (const auto snp = tsmfd::parse_snp_report(report.hardware); !snp)
        return snp.error().what;
    const auto snp = document_of(tsmfd::Evidence{.outblob = report.hardware, .auxblob = {}});
    return snp ? *snp : Json(snp.error().what);
}

Json quote_of(const HclReport& report) {
    return document_of(tsmfd::TpmReport{.attest = report.attest,
                                        .signature = report.signature,
                                        .public_key = report.public_key,
                                        .quote = *report.quote,
                                        .size = 0});
}

} // namespace

Json document_of(const HclReport& report, ByteSpan auxblob) {
    Json json = {{"type", "hcl"},
                 {"version", report.version},
                 {"hardware", tsmfd::hcl_hardware_name(report.hardware_kind)},
                 {"report", hardware_of(report)},
                 {"claims_hash", tsmfd::tpm_hash_name(report.hash)},
                 {"claims_agree", report.is_about_its_claims()},
                 {"claims_bytes", report.claims.size()},
                 {"claims", claims_of(report.claims)},
                 {"padding_bytes", report.padding.size()}};
    if (report.quote)
        json["quote"] = quote_of(report);
    if (auxblob.empty())
        return json;
    const auto aux = tsmfd::parse_hcl_aux(auxblob);
    if (!aux) {
        json["auxblob"] = aux.error().what;
        return json;
    }
    json["ak_certificate_bytes"] = aux->ak_certificate.size();
    json["event_log_bytes"] = aux->event_log.size();
    return json;
}

} // namespace tsmctl
