// SPDX-License-Identifier: MIT
#include "common_checks.hpp"
#include "hcl/hcl_checks.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"

#include <tsmfd/evidence/td_report.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tsmfd {

namespace {

// The hash of the claims, in the place of a challenge.
void check_claims(Verification& to, const HclReport& report) {
    const std::string what =
        fmt::format("{} of the claims: {}", tpm_hash_name(report.hash), to_hex(report.report_data));
    const bool same = report.is_about_its_claims();
    to.judge(same, "claims", same ? "REPORT_DATA is " + what : "REPORT_DATA is not " + what);
}

// What a verifier of the hardware's own reports said, which was asked for the hash of the claims.
void add_with_claims(Verification& to, Verification hardware, const HclReport& report) {
    std::erase_if(hardware.checks, [](const Check& check) { return check.name == "challenge"; });
    to.add(hardware);
    check_claims(to, report);
}

void check_snp(Verification& to, const HclReport& report, const HclPolicy::Members& policy) {
    if (!policy.td_quote.empty())
        to.fail("td quote", "there is one, and the report is of SEV-SNP");
    SnpPolicy snp = policy.snp;
    snp.challenge(report.report_data); // "claims" says whether that is right
    // A report that the guest behind the paravisor could ask for has another.
    if (!snp.members().vmpl && !snp.members().vmpl_max)
        snp.vmpl(0);
    add_with_claims(to, verify_snp({.outblob = report.hardware, .auxblob = {}}, snp), report);
}

void check_td_quote(Verification& to, const TdReport& report, ByteSpan bytes) {
    if (bytes.empty())
        return to.fail("td quote", "none is given, and only its own machine can tell whether a "
                                   "TDREPORT is genuine");
    const auto quote = parse_tdx_quote(bytes);
    if (!quote)
        return to.fail("td quote", quote.error().message());
    const auto differences = report.differences_from(*quote);
    to.judge(differences.empty(), "td quote",
             differences.empty() ? "made of the report's TDREPORT"
                                 : fmt::format("of another TDREPORT than the report's, which has "
                                               "another {}",
                                               fmt::join(differences, ", ")));
}

void check_tdx(Verification& to, const HclReport& report, const HclPolicy::Members& policy) {
    if (!is_zero(report.hardware_rest))
        to.fail("unsigned rest", "bytes behind the TDREPORT that are not zero");
    const auto td = parse_td_report(report.hardware);
    if (!td)
        return to.fail("td quote", td.error().message());
    if (!td->is_whole)
        to.fail("td report", "its hashes are not those of its parts");
    check_td_quote(to, *td, policy.td_quote);
    if (policy.td_quote.empty())
        return check_claims(to, report);
    TdxPolicy tdx = policy.tdx;
    tdx.challenge(report.report_data);
    add_with_claims(to, verify_tdx({.outblob = policy.td_quote, .auxblob = {}}, tdx), report);
}

} // namespace

void check_hcl_hardware(Verification& to, const HclReport& report,
                        const HclPolicy::Members& policy) {
    if (report.hardware_kind == HclHardware::snp)
        check_snp(to, report, policy);
    else
        check_tdx(to, report, policy);
}

} // namespace tsmfd
