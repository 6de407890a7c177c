// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "hcl/hcl_checks.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"
#include "tpm/tpm_policy.hpp"
#include "tpm/tpm_quote_files.hpp"
#include "x509/openssl.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace tsmfd {

namespace {

// A part's challenge has no place of its own in the report; one that is another's would be asked in
// vain.
void check_policy(Verification& to, const HclPolicy::Members& policy) {
    for (const auto& part : {policy.snp.members().challenge, policy.tdx.members().challenge,
                             policy.tpm.members().challenge}) {
        if (part && !(policy.challenge && std::ranges::equal(*part, *policy.challenge)))
            return to.fail("policy", "a part of it has a challenge that the whole does not have");
    }
}

// The event log that comes along; empty if there is none.
ByteSpan check_aux(Verification& to, ByteSpan auxblob) {
    if (auxblob.empty())
        return {};
    const auto aux = parse_hcl_aux(auxblob);
    if (!aux) {
        to.fail("auxblob", aux.error().message());
        return {};
    }
    if (!aux->ak_certificate.empty())
        to.note("ak certificate", "not checked: " + subject_of(aux->ak_certificate));
    return aux->event_log;
}

} // namespace

Verification verify_hcl(const Evidence& evidence, const HclPolicy& by) noexcept {
    const HclPolicy::Members& policy = by.members();
    const ossl::ErrorsForgotten errors;
    Verification result;
    const auto report = parse_hcl_report(evidence.outblob);
    const auto claims = report ? parse_hcl_claims(report->claims)
                               : Result<HclClaims>(std::unexpect, report.error());
    if (!claims) {
        result.fail("hcl report", claims.error().message());
        return result;
    }
    result.pass("hcl report",
                fmt::format("version {}, {}, {} bytes of claims", report->version,
                            hcl_hardware_name(report->hardware_kind), report->claims.size()));
    check_policy(result, policy);
    check_hcl_hardware(result, *report, policy);
    const ByteSpan event_log = check_aux(result, evidence.auxblob);
    check_hcl_quote(result, *report, *claims, event_log, policy);
    if (!is_zero(report->padding))
        result.note("padding", fmt::format("{} bytes behind the claims, which nobody has signed",
                                           report->padding.size()));
    return result;
}

} // namespace tsmfd
