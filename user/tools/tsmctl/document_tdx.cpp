// SPDX-License-Identifier: MIT
#include "document_tdx.hpp"

#include <tsmfd/hex.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

Json attributes_of(std::uint64_t attributes) {
    return {{"raw", fmt::format("{:#x}", attributes)},
            {"debug", (attributes & tsmfd::TdxQuote::attributes_debug) != 0},
            {"migratable", (attributes & tsmfd::TdxQuote::attribute_migratable) != 0}};
}

Json document_of(const tsmfd::QeReport& qe) {
    return {{"mr_enclave", tsmfd::to_hex(qe.mr_enclave)},
            {"mr_signer", tsmfd::to_hex(qe.mr_signer)},
            {"isv_prod_id", qe.isv_prod_id},
            {"isv_svn", qe.isv_svn},
            {"attributes", tsmfd::to_hex(qe.attributes)},
            {"misc_select", tsmfd::to_hex(qe.misc_select)}};
}

// What a quote and a TDREPORT have in common.
void add_body(Json& to, const auto& from) {
    to["tee_tcb_svn"] = tsmfd::to_hex(from.tee_tcb_svn);
    to["mr_seam"] = tsmfd::to_hex(from.mr_seam);
    to["mr_signer_seam"] = tsmfd::to_hex(from.mr_signer_seam);
    to["seam_attributes"] = fmt::format("{:#x}", from.seam_attributes);
    to["td_attributes"] = attributes_of(from.td_attributes);
    to["xfam"] = fmt::format("{:#x}", from.xfam);
    to["mrtd"] = tsmfd::to_hex(from.mr_td);
    to["mr_config_id"] = tsmfd::to_hex(from.mr_config_id);
    to["mr_owner"] = tsmfd::to_hex(from.mr_owner);
    to["mr_owner_config"] = tsmfd::to_hex(from.mr_owner_config);
    for (std::size_t i = 0; i < from.rtmr.size(); ++i)
        to[fmt::format("rtmr{}", i)] = tsmfd::to_hex(from.rtmr[i]);
    to["report_data"] = tsmfd::to_hex(from.report_data);
}

} // namespace

Json document_of(const tsmfd::TdxQuote& quote) {
    Json json = {{"type", "tdx"}, {"version", quote.version}};
    add_body(json, quote);
    if (quote.tee_tcb_svn_2)
        json["tee_tcb_svn_2"] = tsmfd::to_hex(*quote.tee_tcb_svn_2);
    if (quote.mr_service_td)
        json["mr_service_td"] = tsmfd::to_hex(*quote.mr_service_td);
    json["signature"] = tsmfd::to_hex(quote.signature);
    json["attestation_key"] = tsmfd::to_hex(quote.attestation_key);
    json["qe"] = document_of(quote.qe);
    json["qe_report"] = tsmfd::to_hex(quote.qe_report);
    json["pck_chain_bytes"] = quote.pck_chain.size();
    return json;
}

Json document_of(const tsmfd::TdReport& report) {
    Json json = {{"type", "tdreport"}, {"cpu_svn", tsmfd::to_hex(report.cpu_svn)}};
    add_body(json, report);
    json["tee_tcb_svn_2"] = tsmfd::to_hex(report.tee_tcb_svn_2);
    json["mr_service_td"] = tsmfd::to_hex(report.mr_service_td);
    json["hashes_agree"] = report.is_whole;
    return json;
}

} // namespace tsmctl
