// SPDX-License-Identifier: MIT
#include "document_tdx.hpp"

#include <tsmfd/hex.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

Json document_of(const tsmfd::TdxQuote& quote) {
    Json json = {
        {"type", "tdx"},
        {"version", quote.version},
        {"tee_tcb_svn", tsmfd::to_hex(quote.tee_tcb_svn)},
        {"mr_seam", tsmfd::to_hex(quote.mr_seam)},
        {"td_attributes",
         {{"raw", fmt::format("{:#x}", quote.td_attributes)},
          {"debug", (quote.td_attributes & tsmfd::TdxQuote::attribute_debug) != 0}}},
        {"xfam", fmt::format("{:#x}", quote.xfam)},
        {"mrtd", tsmfd::to_hex(quote.mr_td)},
        {"mr_config_id", tsmfd::to_hex(quote.mr_config_id)},
        {"mr_owner", tsmfd::to_hex(quote.mr_owner)},
        {"mr_owner_config", tsmfd::to_hex(quote.mr_owner_config)},
    };
    for (std::size_t i = 0; i < quote.rtmr.size(); ++i)
        json[fmt::format("rtmr{}", i)] = tsmfd::to_hex(quote.rtmr[i]);
    json["report_data"] = tsmfd::to_hex(quote.report_data);
    json["signature"] = tsmfd::to_hex(quote.signature);
    json["attestation_key"] = tsmfd::to_hex(quote.attestation_key);
    json["qe_report"] = tsmfd::to_hex(quote.qe_report);
    json["pck_chain_bytes"] = quote.pck_chain.size();
    return json;
}

} // namespace tsmctl
