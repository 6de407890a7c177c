// SPDX-License-Identifier: MIT
#include "hcl/hcl_policy.hpp"
#include "hidden_members.hpp"
#include "policy/policy_members.hpp"
#include "snp/snp_policy.hpp"
#include "tdx/tdx_policy.hpp"
#include "tpm/tpm_policy.hpp"

#include <tsmfd/evidence/hcl_report.hpp>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tsmfd {

template class Hidden<Policy::Members>;

namespace {

using Asked = Question::Members;

void take(std::vector<std::uint8_t>& to, const std::vector<std::uint8_t>& given) {
    if (!given.empty())
        to = given;
}

// What both processors' policies have.
template <typename Members>
void take_hardware(Members& policy, const Asked& asked) {
    take(policy.roots, asked.roots);
    take(policy.crls, asked.crls);
    policy.at = asked.at;
    policy.challenge = asked.challenge;
    policy.chains = asked.chains;
}

// A section, with what the question says.
SnpPolicy with(SnpPolicy section, const Asked& asked) {
    take_hardware(section.members(), asked);
    take(section.members().certificates, asked.certificates);
    return section;
}

TdxPolicy with(TdxPolicy section, const Asked& asked) {
    TdxPolicy::Members& policy = section.members();
    take_hardware(policy, asked);
    if (asked.qe_identity)
        policy.qe_identity = asked.qe_identity;
    if (asked.collateral)
        policy.collateral = asked.collateral;
    policy.event_log = asked.event_log;
    return section;
}

TpmPolicy with(TpmPolicy section, const Asked& asked) {
    TpmPolicy::Members& policy = section.members();
    policy.challenge = asked.challenge;
    policy.event_log = asked.event_log;
    return section;
}

// The challenge is the whole's: its parts have no place of their own for it.
HclPolicy with(HclPolicy section, const Asked& asked) {
    HclPolicy::Members& policy = section.members();
    policy.challenge = asked.challenge;
    policy.snp = with(policy.snp, asked);
    policy.tdx = with(policy.tdx, asked);
    policy.tdx.members().event_log.reset(); // it is the virtual TPM's
    policy.tpm = with(policy.tpm, asked);
    policy.quote = asked.quote;
    policy.signature = asked.signature;
    policy.td_quote = asked.td_quote;
    return section;
}

// Whoever takes any guest has to say so, and should know it.
void require_said(Verification& to, bool said, const char* what) {
    if (!said)
        to.fail("policy", fmt::format("says nothing of {}, and not that any will do "
                                      "(any_measurement)",
                                      what));
}

void note_unsaid(Verification& to, const std::vector<std::string>& unsaid) {
    if (!unsaid.empty())
        to.note("policy", fmt::format("says nothing of {}: any will do", fmt::join(unsaid, ", ")));
}

void judge_as(Verification& to, const SnpPolicy& section, const Evidence& evidence,
              const Asked& asked) {
    const SnpPolicy::Members& said = section.members();
    require_said(to, !said.measurements.empty() || said.any_measurement, "measurement");
    to.add(verify_snp(evidence, with(section, asked)));
    if (said.measurements.empty())
        note_unsaid(to, {"measurement"});
}

void judge_as(Verification& to, const TdxPolicy& section, const Evidence& evidence,
              const Asked& asked) {
    const TdxPolicy::Members& said = section.members();
    require_said(to, !said.mr_td.empty() || said.any_measurement, "mrtd");
    to.add(verify_tdx(evidence, with(section, asked)));
    std::vector<std::string> unsaid;
    if (said.mr_td.empty())
        unsaid.emplace_back("mrtd");
    for (std::size_t i = 0; i < said.rtmr.size(); ++i) {
        if (said.rtmr[i].empty())
            unsaid.push_back(fmt::format("rtmr{}", i));
    }
    note_unsaid(to, unsaid);
}

void judge_as(Verification& to, const TpmPolicy& section, const Evidence& evidence,
              const Asked& asked) {
    const TpmPolicy::Members& said = section.members();
    require_said(to, !said.pcrs.empty() || !said.events.empty() || said.any_measurement, "PCRs");
    to.add(verify_tpm(evidence, with(section, asked)));
    if (said.pcrs.empty())
        note_unsaid(to, {"PCRs"});
}

// Of the hardware's report, which is about the paravisor, and of the TPM, about the guest.
void judge_as(Verification& to, const HclPolicy& section, const Evidence& evidence,
              const Asked& asked) {
    const auto report = parse_hcl_report(evidence.outblob);
    const bool is_tdx = report && report->hardware_kind == HclHardware::tdx;
    const SnpPolicy::Members& snp = section.members().snp.members();
    const TdxPolicy::Members& tdx = section.members().tdx.members();
    const TpmPolicy::Members& tpm = section.members().tpm.members();
    if (is_tdx)
        require_said(to, !tdx.mr_td.empty() || tdx.any_measurement, "mrtd");
    else
        require_said(to, !snp.measurements.empty() || snp.any_measurement, "measurement");
    require_said(to, !tpm.pcrs.empty() || !tpm.events.empty() || tpm.any_measurement, "PCRs");
    to.add(verify_hcl(evidence, with(section, asked)));
    std::vector<std::string> unsaid;
    if (is_tdx ? tdx.mr_td.empty() : snp.measurements.empty())
        unsaid.emplace_back(is_tdx ? "mrtd" : "measurement");
    if (tpm.pcrs.empty())
        unsaid.emplace_back("PCRs");
    note_unsaid(to, unsaid);
}

template <typename Kind>
void judge_if(Verification& to, EvidenceKind kind, const std::optional<Kind>& section,
              const Evidence& evidence, const Asked& asked) {
    if (!section)
        return to.fail("kind", fmt::format("{}, which the policy is not about", kind_name(kind)));
    to.pass("kind", std::string(kind_name(kind)));
    judge_as(to, *section, evidence, asked);
}

template <typename Kind>
Kind* pointer_to(std::optional<Kind>& section) {
    return section ? &*section : nullptr;
}

template <typename Kind>
const Kind* pointer_to(const std::optional<Kind>& section) {
    return section ? &*section : nullptr;
}

} // namespace

Policy& Policy::snp(const std::optional<SnpPolicy>& section) noexcept {
    members_->snp = section;
    return *this;
}

Policy& Policy::tdx(const std::optional<TdxPolicy>& section) noexcept {
    members_->tdx = section;
    return *this;
}

Policy& Policy::tpm(const std::optional<TpmPolicy>& section) noexcept {
    members_->tpm = section;
    return *this;
}

Policy& Policy::hcl(const std::optional<HclPolicy>& section) noexcept {
    members_->hcl = section;
    return *this;
}

const SnpPolicy* Policy::snp() const noexcept {
    return pointer_to(members_->snp);
}

const TdxPolicy* Policy::tdx() const noexcept {
    return pointer_to(members_->tdx);
}

const TpmPolicy* Policy::tpm() const noexcept {
    return pointer_to(members_->tpm);
}

const HclPolicy* Policy::hcl() const noexcept {
    return pointer_to(members_->hcl);
}

SnpPolicy* Policy::snp() noexcept {
    return pointer_to(members_->snp);
}

TdxPolicy* Policy::tdx() noexcept {
    return pointer_to(members_->tdx);
}

TpmPolicy* Policy::tpm() noexcept {
    return pointer_to(members_->tpm);
}

HclPolicy* Policy::hcl() noexcept {
    return pointer_to(members_->hcl);
}

Verification Policy::verify(const Evidence& evidence, const Question& question) const noexcept {
    Verification result;
    const Asked& asked = question.members();
    const auto kind = kind_of(evidence);
    if (kind == EvidenceKind::snp)
        judge_if(result, *kind, members_->snp, evidence, asked);
    else if (kind == EvidenceKind::tdx)
        judge_if(result, *kind, members_->tdx, evidence, asked);
    else if (kind == EvidenceKind::tpm)
        judge_if(result, *kind, members_->tpm, evidence, asked);
    else if (kind == EvidenceKind::hcl)
        judge_if(result, *kind, members_->hcl, evidence, asked);
    else
        result.fail("kind", fmt::format("{} bytes that are no report of SEV-SNP, of TDX, of a TPM "
                                        "or of an HCL",
                                        evidence.outblob.size()));
    return result;
}

} // namespace tsmfd
