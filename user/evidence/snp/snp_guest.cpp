// SPDX-License-Identifier: MIT
#include "snp/snp_guest.hpp"

#include "common_checks.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace tsmfd {

namespace {

void check_migration(Verification& to, const SnpReport& report, bool allowed) {
    const bool may = (report.policy & SnpReport::policy_migrate_ma) != 0;
    if (may && allowed)
        to.note("migration", "by an agent of the host's, as the policy lets it");
    else
        to.judge(!may, "migration",
                 may ? "an agent of the host's may move the guest (MIGRATE_MA)" : "off");
}

// There are four; a report that the host has asked for has another number there.
constexpr std::uint32_t vmpl_most = 3;

void check_vmpl(Verification& to, const SnpReport& report, const SnpPolicy::Members& policy) {
    if (report.vmpl > vmpl_most)
        return to.fail("vmpl", fmt::format("{}, which no guest has: it did not ask for this report",
                                           report.vmpl));
    if (policy.vmpl)
        to.judge(report.vmpl == *policy.vmpl, "vmpl", std::to_string(report.vmpl));
    if (policy.vmpl_max)
        to.judge(report.vmpl <= *policy.vmpl_max, "vmpl",
                 fmt::format("{}, of at most {}", report.vmpl, *policy.vmpl_max));
    if (!policy.vmpl && !policy.vmpl_max)
        to.note("vmpl", std::to_string(report.vmpl));
}

// Like a measurement, but said only of who asks.
void check_one_of(Verification& to, std::string name, ByteSpan is,
                  std::span<const std::vector<std::uint8_t>> allowed) {
    if (!allowed.empty())
        check_measurement(to, std::move(name), is, allowed);
}

// A Turin's chip has an id of 8 bytes, with zeros behind.
void check_chip_id(Verification& to, const SnpReport& report, const SnpPolicy::Members& policy) {
    if (policy.chip_ids.empty())
        return;
    const bool same = std::ranges::any_of(policy.chip_ids, [&](ByteSpan one) {
        const ByteSpan is = report.chip_id;
        return one.size() <= is.size() && !is_zero(one) &&
               std::ranges::equal(is.first(one.size()), one) && is_zero(is.subspan(one.size()));
    });
    to.judge(same, "chip id", to_hex(report.chip_id));
}

void check_platform(Verification& to, const SnpReport& report, const SnpPolicy::Members& policy) {
    const auto& [bits, values] = policy.platform_info;
    if (bits == 0)
        return;
    const std::uint64_t wrong = (report.platform_info ^ values) & bits;
    to.judge(wrong == 0, "platform",
             wrong == 0 ? fmt::format("{:#x}", report.platform_info)
                        : fmt::format("{:#x}, of which {:#x} is to be otherwise",
                                      report.platform_info, wrong));
}

} // namespace

void check_snp_guest(Verification& to, const SnpReport& report, const SnpPolicy::Members& policy) {
    check_report_data(to, report.report_data, policy.challenge);
    check_debug(to, (report.policy & SnpReport::policy_debug) != 0, policy.debug_allowed);
    check_migration(to, report, policy.migration_allowed);
    check_measurement(to, "measurement", report.measurement, policy.measurements);
    check_vmpl(to, report, policy);
    check_one_of(to, "host data", report.host_data, policy.host_data);
    check_one_of(to, "id key", report.id_key_digest, policy.id_key_digests);
    check_one_of(to, "author key", report.author_key_digest, policy.author_key_digests);
    check_chip_id(to, report, policy);
    check_platform(to, report, policy);
}

} // namespace tsmfd
