// SPDX-License-Identifier: MIT
#include "tdx/tdx_tcb.hpp"

#include "common_checks.hpp"
#include "tdx/tdx_platform.hpp"

#include <tsmfd/hex.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tsmfd {

namespace {

constexpr std::string_view unknown = "unknown";
constexpr std::string_view not_supported = "NotSupported"; // older than all that Intel speaks of

// What came of platform, module and quoting enclave.
struct Parts {
    TcbStatus worst = TcbStatus::up_to_date;
    std::vector<std::string> behind; // "TDX module OutOfDate"
    std::vector<std::string> advisories;
    bool all_known = true;
};

std::string list_text(const std::vector<std::string>& words) {
    return words.empty() ? std::string() : fmt::format(" ({})", fmt::join(words, ", "));
}

// `level` is a Verdict or a QeIdentity::Level.
template <typename Level>
void add(Verification& to, Parts& parts, const char* check, std::string_view what,
         const Level& level) {
    to.note(check,
            fmt::format("{} as of {}{}", tcb_status_name(level.status),
                        level.date.substr(0, level.date.find('T')), list_text(level.advisories)));
    parts.worst = worse(parts.worst, level.status);
    if (level.status != TcbStatus::up_to_date)
        parts.behind.push_back(fmt::format("{} {}", what, tcb_status_name(level.status)));
    for (const std::string& advisory : level.advisories) {
        if (std::ranges::find(parts.advisories, advisory) == parts.advisories.end())
            parts.advisories.push_back(advisory);
    }
}

void miss(Verification& to, Parts& parts, const char* check, const std::string& why) {
    to.fail(check, why);
    parts.all_known = false;
}

void add_platform(Verification& to, Parts& parts, const TdxQuote& quote, const PckCert& pck,
                  const TcbInfo& info) {
    if (const TcbInfo::Level* level = info.level_of(pck, quote.tee_tcb_svn))
        return add(to, parts, "tcb platform", "platform", *level);
    miss(to, parts, "tcb platform",
         fmt::format("no level of the TCB info is as old as CPUSVN {}, PCESVN {}, TEE_TCB_SVN {}",
                     to_hex(pck.components), pck.pce_svn, to_hex(quote.tee_tcb_svn)));
}

bool is_signed_as(const TcbInfo::Module& module, const TdxQuote& quote) {
    std::uint64_t attributes = 0;
    std::uint64_t mask = 0;
    for (std::size_t i = module.attributes.size(); i-- > 0;) {
        attributes = attributes << 8 | module.attributes[i];
        mask = mask << 8 | module.attributes_mask[i];
    }
    return module.mr_signer == quote.mr_signer_seam && (quote.seam_attributes & mask) == attributes;
}

void add_module(Verification& to, Parts& parts, const TdxQuote& quote, const TcbInfo& info) {
    constexpr const char* check = "tcb module";
    const std::string name =
        fmt::format("TDX module {}.{}", quote.tee_tcb_svn[1], quote.tee_tcb_svn[0]);
    const TcbInfo::Module* module = info.module_of(quote.tee_tcb_svn);
    if (module == nullptr)
        return miss(to, parts, check, "the TCB info says nothing of a " + name);
    if (!is_signed_as(*module, quote))
        return miss(to, parts, check,
                    fmt::format("{}: MRSIGNERSEAM {}, SEAMATTRIBUTES {:#x} are not the TCB info's",
                                name, to_hex(quote.mr_signer_seam), quote.seam_attributes));
    if (quote.tee_tcb_svn[1] == 0)
        return to.note(check, name + ", which is the platform's"); // whose level was about it
    if (const TcbInfo::ModuleLevel* level = module->level_of(quote.tee_tcb_svn[0]))
        return add(to, parts, check, name, *level);
    miss(to, parts, check, "no level of the TCB info is as old as a " + name);
}

void add_enclave(Verification& to, Parts& parts, const QeReport& qe, const QeIdentity& identity) {
    const auto level = std::ranges::find_if(
        identity.levels, [&](const QeIdentity::Level& one) { return qe.isv_svn >= one.isv_svn; });
    if (level != identity.levels.end())
        return add(to, parts, "tcb qe", "quoting enclave", *level);
    miss(to, parts, "tcb qe",
         fmt::format("no level of the QE identity is as old as ISVSVN {}", qe.isv_svn));
}

bool is_allowed(TcbStatus status, const TdxPolicy::Members& policy) {
    if (status == TcbStatus::revoked)
        return false;
    return policy.tcb_statuses.empty()
               ? status == TcbStatus::up_to_date
               : std::ranges::find(policy.tcb_statuses, status) != policy.tcb_statuses.end();
}

void judge(Verification& to, const Parts& parts, const TdxPolicy::Members& policy) {
    if (!parts.all_known) {
        to.tcb = TcbVerdict{.status = std::string(not_supported), .advisories = parts.advisories};
        return to.fail("tcb", fmt::format("{}: Intel speaks of no such version", not_supported));
    }
    const std::string_view name = tcb_status_name(parts.worst);
    to.tcb = TcbVerdict{.status = std::string(name), .advisories = parts.advisories};
    const bool allowed = is_allowed(parts.worst, policy);
    std::string why = fmt::format("{}{}{}", name, list_text(parts.behind),
                                  allowed ? "" : ", which the policy does not allow");
    if (!parts.advisories.empty())
        why += fmt::format("; {}", fmt::join(parts.advisories, ", "));
    to.judge(allowed, "tcb", why);
}

} // namespace

void check_tcb(Verification& to, const TdxQuote& quote, const Chain& chain,
               const HeldCollateral& held, const TdxPolicy::Members& policy) {
    const std::string svn = to_hex(quote.tee_tcb_svn);
    if (held.info == nullptr || held.identity == nullptr || !chain.pck) {
        to.tcb = TcbVerdict{.status = std::string(unknown), .advisories = {}};
        const bool given = policy.collateral.has_value();
        std::string why =
            fmt::format("unknown: {}; TEE_TCB_SVN {}",
                        given ? "the collateral does not say" : "without collateral", svn);
        if (given || policy.collateral_required)
            return to.fail("tcb", why);
        return to.note("tcb", why);
    }
    Parts parts;
    add_platform(to, parts, quote, *chain.pck, *held.info);
    add_module(to, parts, quote, *held.info);
    add_enclave(to, parts, quote.qe, *held.identity);
    judge(to, parts, policy);
    if (parts.worst >= TcbStatus::out_of_date && quote.tee_tcb_svn_2 &&
        *quote.tee_tcb_svn_2 != quote.tee_tcb_svn)
        to.note("tcb relaunch",
                fmt::format("the module has been exchanged since the TD was launched: TEE_TCB_SVN "
                            "{} then, {} now",
                            svn, to_hex(*quote.tee_tcb_svn_2)));
}

} // namespace tsmfd
