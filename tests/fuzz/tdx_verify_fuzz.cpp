// SPDX-License-Identifier: MIT
//
// Any bytes as a TDX quote.
#include "check.hpp"

#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tdx_verify.hpp>

#include <cstdint>
#include <string_view>

#include <openssl/err.h>

namespace {

using tsmfd::ByteSpan;

// The last certificate that comes along, as no verifier would do it: so that there is a chain to
// walk.
ByteSpan root_of(const tsmfd::TdxQuote& quote) {
    const std::string_view text(reinterpret_cast<const char*>(quote.pck_chain.data()),
                                quote.pck_chain.size());
    const std::size_t last = text.rfind("-----BEGIN CERTIFICATE-----");
    return last == std::string_view::npos ? ByteSpan{} : quote.pck_chain.subspan(last);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const tsmfd::Evidence evidence{.outblob = ByteSpan(data, size), .auxblob = {}};
    const auto quote = tsmfd::parse_tdx_quote(evidence.outblob);
    tsmfd::TdxPolicy policy;
    policy.debug_allowed(true);
    check(!tsmfd::verify_tdx(evidence, policy).ok()); // without a root
    if (quote) {
        check(tsmfd::is_tdx_quote(evidence.outblob));
        check(tsmfd::tdx_report_data(evidence.outblob)->size() == quote->report_data.size());
        check(quote->signed_part.size() < size && quote->signature.size() == 64);
        tsmfd::ChainCache chains(2);
        policy.chains(&chains);
        policy.roots(root_of(*quote));
        const bool cold = tsmfd::verify_tdx(evidence, policy).ok();
        check(cold == tsmfd::verify_tdx(evidence, policy).ok());
    }
    check(ERR_peek_error() == 0);
    return 0;
}
