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

} // namespace

Json document_of(const tsmfd::TdxQuote& quote) {
    Json json = {
        {"type", "tdx"},
        {"version", quote.version},
        {"tee_tcb_svn", tsmfd::to_hex(quote.tee_tcb_svn)},
        {"mr_seam", tsmfd::to_hex(quote.mr_seam)},
        {"mr_signer_seam", tsmfd::to_hex(quote.mr_signer_seam)},
        {"seam_attributes", fmt::format("{:#x}", quote.seam_attributes)},
        {"td_attributes", attributes_of(quote.td_attributes)},
        {"xfam", fmt::format("{:#x}", quote.xfam)},
        {"mrtd", tsmfd::to_hex(quote.mr_td)},
        {"mr_config_id", tsmfd::to_hex(quote.mr_config_id)},
        {"mr_owner", tsmfd::to_hex(quote.mr_owner)},
        {"mr_owner_config", tsmfd::to_hex(quote.mr_owner_config)},
    };
    for (std::size_t i = 0; i < quote.rtmr.size(); ++i)
        json[fmt::format("rtmr{}", i)] = tsmfd::to_hex(quote.rtmr[i]);
    json["report_data"] = tsmfd::to_hex(quote.report_data);
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

} // namespace tsmctl
