// SPDX-License-Identifier: MIT
#include "tdx/tdx_guest.hpp"

#include "common_checks.hpp"
#include "tdx/tdx_platform.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <functional>
#include <string>

#include <fmt/format.h>

namespace tsmfd {

namespace {

bool is_one_of(ByteSpan is, std::span<const std::vector<std::uint8_t>> allowed) {
    return std::ranges::any_of(allowed,
                               [is](const auto& one) { return std::ranges::equal(is, one); });
}

// A guest that may be moved is, with the TD that moves it, in the hands of another machine; what
// that TD is, MR_SERVICETD says.
void check_migration(Verification& to, const TdxQuote& quote, const TdxPolicy::Members& policy) {
    const bool migratable = (quote.td_attributes & TdxQuote::attribute_migratable) != 0;
    const bool served = quote.mr_service_td && !is_zero(*quote.mr_service_td);
    const bool server_named = served && is_one_of(*quote.mr_service_td, policy.mr_service_td);
    if (migratable && !policy.migration_allowed)
        to.fail("migration", "the TD may be moved to another machine");
    else if (served && !server_named && !policy.migration_allowed)
        to.fail("migration", "another TD serves it: MR_SERVICETD " + to_hex(*quote.mr_service_td));
    else if (migratable || (served && !server_named))
        to.note("migration", "the TD may be moved to another machine, as the policy lets it");
    else
        to.pass("migration", served ? "the TD is served by one that the policy names" : "off");
}

void check_measurements(Verification& to, const TdxQuote& quote, const TdxPolicy::Members& policy) {
    check_measurement(to, "mrtd", quote.mr_td, policy.mr_td);
    for (std::size_t i = 0; i < quote.rtmr.size(); ++i)
        check_measurement(to, fmt::format("rtmr{}", i), quote.rtmr[i], policy.rtmr[i]);
    check_measurement(to, "mrconfigid", quote.mr_config_id, policy.mr_config_id);
    check_measurement(to, "mrowner", quote.mr_owner, policy.mr_owner);
    check_measurement(to, "mrownerconfig", quote.mr_owner_config, policy.mr_owner_config);
    if (!policy.mr_seam.empty()) // "tdx module" has shown it
        check_measurement(to, "mrseam", quote.mr_seam, policy.mr_seam);
    if (policy.mr_service_td.empty())
        return;
    if (quote.mr_service_td)
        check_measurement(to, "mrservicetd", *quote.mr_service_td, policy.mr_service_td);
    else
        to.fail("mrservicetd", "the quote, of TDX 1.0, has none");
}

} // namespace

void check_guest(Verification& to, const TdxQuote& quote, const TdxPolicy::Members& policy) {
    check_attributes(to, quote);
    check_report_data(to, quote.report_data, policy.challenge);
    check_debug(to, (quote.td_attributes & TdxQuote::attributes_debug) != 0, policy.debug_allowed);
    check_migration(to, quote, policy);
    check_measurements(to, quote, policy);
    if (policy.minimum_tcb)
        to.judge(std::ranges::equal(quote.tee_tcb_svn, *policy.minimum_tcb, std::greater_equal{}),
                 "minimum tcb", to_hex(*policy.minimum_tcb));
    if (!is_zero(quote.trailing))
        to.note("trailing", fmt::format("{} bytes behind the quote, which nobody has signed",
                                        quote.trailing.size()));
}

} // namespace tsmfd
