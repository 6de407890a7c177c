// SPDX-License-Identifier: MIT
#include <tsmfd/evidence/policy.hpp>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tsmfd {

namespace {

std::vector<ByteSpan> spans_of(const std::vector<Policy::Bytes>& all) {
    return {all.begin(), all.end()};
}

ByteSpan either(ByteSpan first, ByteSpan second) {
    return first.empty() ? second : first;
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

void judge_as(Verification& to, const Policy::Snp& section, const Evidence& evidence,
              const Policy::Question& question) {
    require_said(to, !section.measurements.empty() || section.any_measurement, "measurement");
    to.add(verify_snp(evidence, section.expect(question)));
    if (section.measurements.empty())
        note_unsaid(to, {"measurement"});
}

void judge_as(Verification& to, const Policy::Tdx& section, const Evidence& evidence,
              const Policy::Question& question) {
    require_said(to, !section.mr_td.empty() || section.any_measurement, "mrtd");
    to.add(verify_tdx(evidence, section.expect(question)));
    std::vector<std::string> unsaid;
    if (section.mr_td.empty())
        unsaid.emplace_back("mrtd");
    for (std::size_t i = 0; i < section.rtmr.size(); ++i) {
        if (section.rtmr[i].empty())
            unsaid.push_back(fmt::format("rtmr{}", i));
    }
    note_unsaid(to, unsaid);
}

void judge_as(Verification& to, const Policy::Tpm& section, const Evidence& evidence,
              const Policy::Question& question) {
    require_said(to, !section.pcrs.empty() || !section.events.empty() || section.any_measurement,
                 "PCRs");
    to.add(verify_tpm(evidence, section.expect(question)));
    if (section.pcrs.empty())
        note_unsaid(to, {"PCRs"});
}

template <typename Kind>
void judge_if(Verification& to, EvidenceKind kind, const std::optional<Kind>& section,
              const Evidence& evidence, const Policy::Question& question) {
    if (!section)
        return to.fail("kind", fmt::format("{}, which the policy is not about", kind_name(kind)));
    to.pass("kind", std::string(kind_name(kind)));
    judge_as(to, *section, evidence, question);
}

} // namespace

SnpPolicy SnpRules::expect(const PolicyQuestion& question) const noexcept {
    SnpPolicy policy;
    policy.roots = either(question.roots, roots);
    policy.certificates = either(question.certificates, certificates);
    policy.at = question.at;
    policy.challenge = question.challenge;
    policy.crls = either(question.crls, crls);
    policy.crl_required = crl_required;
    policy.minimum_tcb = minimum_tcb;
    policy.minimum_tcbs = minimum_tcbs;
    policy.measurements = spans_of(measurements);
    policy.vmpl = vmpl;
    policy.vmpl_max = vmpl_max;
    policy.debug_allowed = debug_allowed;
    policy.migration_allowed = migration_allowed;
    policy.host_data = spans_of(host_data);
    policy.id_key_digests = spans_of(id_key_digests);
    policy.author_key_digests = spans_of(author_key_digests);
    policy.chip_ids = spans_of(chip_ids);
    policy.csp_ids = csp_ids;
    policy.platform_info = platform_info;
    policy.chains = question.chains;
    return policy;
}

TdxPolicy TdxRules::expect(const PolicyQuestion& question) const noexcept {
    TdxPolicy policy;
    policy.roots = either(question.roots, roots);
    policy.at = question.at;
    policy.challenge = question.challenge;
    policy.crls = either(question.crls, crls);
    policy.crl_required = crl_required;
    policy.qe_identity = question.qe_identity ? question.qe_identity : qe_identity;
    policy.collateral = question.collateral ? question.collateral : collateral;
    policy.collateral_required = collateral_required;
    policy.tcb_statuses = tcb_statuses;
    policy.minimum_tcb = minimum_tcb;
    policy.mr_td = spans_of(mr_td);
    for (std::size_t i = 0; i < rtmr.size(); ++i)
        policy.rtmr[i] = spans_of(rtmr[i]);
    policy.mr_seam = spans_of(mr_seam);
    policy.mr_signer_seam = spans_of(mr_signer_seam);
    policy.mr_config_id = spans_of(mr_config_id);
    policy.mr_owner = spans_of(mr_owner);
    policy.mr_owner_config = spans_of(mr_owner_config);
    policy.mr_service_td = spans_of(mr_service_td);
    policy.debug_allowed = debug_allowed;
    policy.migration_allowed = migration_allowed;
    policy.event_log = question.event_log;
    policy.events = events;
    policy.chains = question.chains;
    return policy;
}

TpmPolicy TpmRules::expect(const PolicyQuestion& question) const noexcept {
    TpmPolicy policy;
    policy.challenge = question.challenge;
    policy.aks = spans_of(keys);
    policy.ak_names = spans_of(key_names);
    policy.event_log = question.event_log;
    policy.pcrs = pcrs;
    policy.events = events;
    return policy;
}

Verification Policy::verify(const Evidence& evidence, const Question& question) const noexcept {
    Verification result;
    const auto kind = kind_of(evidence);
    if (kind == EvidenceKind::snp)
        judge_if(result, *kind, snp, evidence, question);
    else if (kind == EvidenceKind::tdx)
        judge_if(result, *kind, tdx, evidence, question);
    else if (kind == EvidenceKind::tpm)
        judge_if(result, *kind, tpm, evidence, question);
    else
        result.fail("kind", fmt::format("{} bytes that are no report of SEV-SNP, of TDX or of "
                                        "a TPM",
                                        evidence.outblob.size()));
    return result;
}

} // namespace tsmfd
