// SPDX-License-Identifier: MIT
#include "verify_question.hpp"

#include "batch_question.hpp"
#include "command.hpp"
#include "document.hpp"
#include "pem_files.hpp"

#include <tsmfd/evidence/pem.hpp>
#include <tsmfd/evidence/tdx_quote.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/hex.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tsmctl {

namespace {

using tsmfd::Policy;
using tsmfd::Result;
using Bytes = VerifyQuestion::Bytes;

constexpr Kinds snp{.snp = true, .hcl_snp = true};
constexpr Kinds tdx{.tdx = true, .hcl_tdx = true};
constexpr Kinds tpm{.tpm = true, .hcl_snp = true, .hcl_tdx = true};
constexpr Kinds hcl{.hcl_snp = true, .hcl_tdx = true};
constexpr Kinds hardware{.snp = true, .tdx = true, .hcl_snp = true, .hcl_tdx = true};
constexpr Kinds logged{.tdx = true, .tpm = true, .hcl_snp = true, .hcl_tdx = true};

// Of the options that were given those that are not about every kind.
std::vector<AboutKinds> options_of(const VerifyWords& words) {
    std::vector<AboutKinds> all;
    const auto add = [&all](bool given, const char* option, Kinds kinds) {
        if (given)
            all.push_back({option, kinds});
    };
    add(!words.roots.empty(), "--roots", hardware);
    add(!words.certificates.empty(), "--certs", snp);
    add(!words.crls.empty(), "--crl", hardware);
    add(!words.qe_identity.empty(), "--qe-identity", tdx);
    add(!words.collateral.empty(), "--collateral", tdx);
    add(!words.measurement.empty(), "--measurement", hardware);
    add(words.vmpl.has_value(), "--vmpl", snp);
    add(words.debug_allowed, "--allow-debug", hardware);
    add(words.migration_allowed, "--allow-migration", hardware);
    add(!words.ak.empty(), "--ak", tpm);
    add(!words.signature.empty(), "--signature", tpm);
    add(!words.pcrs.empty(), "--expect-pcr", tpm);
    add(!words.eventlog.empty(), "--eventlog", logged);
    add(!words.quotes.empty(), "--quote", hcl);
    add(words.at.has_value(), "--at", hardware);
    add(words.kind == "snp", "--kind snp", {.snp = true});
    add(words.kind == "tdx", "--kind tdx", {.tdx = true});
    add(words.kind == "tpm", "--kind tpm", {.tpm = true});
    add(words.kind == "hcl", "--kind hcl", hcl);
    return all;
}

// The kinds that all options are about; EINVAL if there is none.
Result<Kinds> kinds_of(const std::vector<AboutKinds>& options) {
    const auto named = [&options](const char* option) {
        return std::ranges::find(options, option, &AboutKinds::option) != options.end();
    };
    Kinds kinds = named("--kind hcl") || named("--quote") ? hcl : usual_kinds;
    std::string before;
    for (const AboutKinds& one : options) {
        const Kinds both = kinds.and_of(one.kinds);
        if (both.none())
            return tsmfd::fail(fmt::format("{} is about another kind of evidence than the options "
                                           "before it ({})",
                                           one.option, before),
                               EINVAL);
        kinds = both;
        before += (before.empty() ? "" : ", ") + one.option;
    }
    return kinds;
}

Result<std::optional<Bytes>> optional_contents(const std::string& file) {
    if (file.empty())
        return std::nullopt;
    auto bytes = read_in(file);
    if (!bytes)
        return std::unexpected(std::move(bytes.error()));
    return std::optional(std::move(*bytes));
}

Result<std::optional<tsmfd::QeIdentity>> identity_of(const std::string& file) {
    const auto bytes = optional_contents(file);
    if (!bytes)
        return std::unexpected(bytes.error());
    if (!*bytes)
        return std::nullopt;
    auto identity = tsmfd::QeIdentity::parse(
        {reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size()});
    if (!identity)
        return tsmfd::fail(file + ": " + identity.error().what, EBADMSG);
    return std::optional(std::move(*identity));
}

Result<std::optional<tsmfd::TdxCollateral>> collateral_of(const std::vector<std::string>& names) {
    std::vector<Bytes> files;
    for (const std::string& name : names) {
        auto bytes = read_in(name);
        if (!bytes)
            return std::unexpected(std::move(bytes.error()));
        files.push_back(std::move(*bytes));
    }
    if (files.empty())
        return std::nullopt;
    const std::vector<tsmfd::ByteSpan> spans(files.begin(), files.end());
    auto collateral = tsmfd::TdxCollateral::parse(spans);
    if (!collateral)
        return tsmfd::fail("--collateral: " + collateral.error().what, EBADMSG);
    return std::optional(std::move(*collateral));
}

Result<tsmfd::TpmPolicy> tpm_policy_of(const VerifyWords& words) {
    std::vector<tsmfd::ExpectedPcr> pcrs;
    for (const std::string& word : words.pcrs) {
        const auto pcr = tsmfd::ExpectedPcr::parse(word);
        if (!pcr)
            return std::unexpected(pcr.error());
        pcrs.push_back(*pcr);
    }
    tsmfd::TpmPolicy policy;
    policy.pcrs(pcrs).any_measurement(pcrs.empty());
    auto ak = optional_contents(words.ak);
    if (!ak)
        return std::unexpected(std::move(ak.error()));
    if (!*ak)
        return policy;
    // Bytes or PEM, or what `tsmctl show` prints of it.
    auto key = stream_of(std::move(**ak));
    if (!key)
        return tsmfd::fail(words.ak + ": " + key.error().what, key.error().code);
    return policy.keys({*key});
}

// Without a file of it: of the kinds that the words are about, with what they say of each. What
// is not asked for may be anything.
Result<Policy> policy_of(const VerifyWords& words, const std::vector<AboutKinds>& options) {
    if (!words.policy.empty())
        return Policy::read(words.policy);
    const auto kinds = kinds_of(options);
    if (!kinds)
        return std::unexpected(kinds.error());
    const auto measurement = tsmfd::from_hex(words.measurement);
    if (!measurement)
        return tsmfd::fail("--measurement: " + measurement.error().what, EINVAL);
    constexpr std::size_t measurement_size = 48;
    if (!words.measurement.empty() && measurement->size() != measurement_size)
        return tsmfd::fail("--measurement: not 96 digits", EINVAL);
    std::vector<tsmfd::ByteSpan> measurements;
    if (!words.measurement.empty())
        measurements.emplace_back(*measurement);
    const auto of_snp = tsmfd::SnpPolicy()
                            .measurements(measurements)
                            .any_measurement(measurements.empty())
                            .vmpl(words.vmpl)
                            .debug_allowed(words.debug_allowed)
                            .migration_allowed(words.migration_allowed);
    const auto of_tdx = tsmfd::TdxPolicy()
                            .mr_td(measurements)
                            .any_measurement(measurements.empty())
                            .debug_allowed(words.debug_allowed)
                            .migration_allowed(words.migration_allowed);
    const auto of_tpm = tpm_policy_of(words);
    if (!of_tpm)
        return std::unexpected(of_tpm.error());
    Policy policy;
    if (kinds->snp)
        policy.snp(of_snp);
    if (kinds->tdx)
        policy.tdx(of_tdx);
    if (kinds->tpm)
        policy.tpm(*of_tpm);
    if (kinds->hcl())
        policy.hcl(tsmfd::HclPolicy().snp(of_snp).tdx(of_tdx).tpm(*of_tpm));
    return policy;
}

// Of an HCL report: the TPM's, or that made of its TDREPORT.
Result<void> read_quotes(tsmfd::Question& question, const std::vector<std::string>& files) {
    bool of_tpm = false;
    bool of_td = false;
    for (const std::string& file : files) {
        const auto bytes = read_report(file);
        if (!bytes)
            return std::unexpected(bytes.error());
        const bool is_td = tsmfd::is_tdx_quote(*bytes);
        if (!is_td && !tsmfd::is_tpm_attest(*bytes))
            return tsmfd::fail(file + ": neither a TPM's quote nor one of TDX", EBADMSG);
        if (std::exchange(is_td ? of_td : of_tpm, true))
            return tsmfd::fail(file + ": a second quote of the same kind", EINVAL);
        if (is_td)
            question.td_quote(*bytes);
        else
            question.quote(*bytes);
    }
    return {};
}

// What stands beside the policy.
Result<tsmfd::Question> files_of(const VerifyWords& words) {
    tsmfd::Question question;
    const auto eventlog = optional_contents(words.eventlog);
    if (!eventlog)
        return std::unexpected(eventlog.error());
    const auto roots = pem_of_files(words.roots, &tsmfd::certificates_in_pem);
    if (!roots)
        return std::unexpected(roots.error());
    const auto certificates = pem_of_files(words.certificates, &tsmfd::certificates_in_pem);
    if (!certificates)
        return std::unexpected(certificates.error());
    const auto crls = pem_of_files(words.crls, &tsmfd::crls_in_pem);
    if (!crls)
        return std::unexpected(crls.error());
    const auto identity = identity_of(words.qe_identity);
    if (!identity)
        return std::unexpected(identity.error());
    const auto collateral = collateral_of(words.collateral);
    if (!collateral)
        return std::unexpected(collateral.error());
    if (const auto read = read_quotes(question, words.quotes); !read)
        return std::unexpected(read.error());
    return question.event_log(*eventlog)
        .roots(*roots)
        .certificates(*certificates)
        .crls(*crls)
        .qe_identity(*identity)
        .collateral(*collateral)
        .at(words.at);
}

} // namespace

tsmfd::Verification VerifyQuestion::judge(const tsmfd::Evidence& evidence,
                                          tsmfd::ChainCache* chains) const {
    tsmfd::Verification result;
    if (const auto kind = tsmfd::kind_of(evidence)) {
        const Kinds is = Kinds::of(*kind, evidence);
        for (const AboutKinds& one : options) {
            if (one.kinds.and_of(is).none())
                result.fail("kind", fmt::format("{}, of which {} says nothing",
                                                tsmfd::kind_name(*kind), one.option));
        }
        if (signature && *kind == tsmfd::EvidenceKind::tpm &&
            !tsmfd::is_tpm_attest(evidence.outblob))
            result.fail("kind", "a TPM's report, which has its signature in it; --signature is of "
                                "a quote alone");
        if (*kind == tsmfd::EvidenceKind::hcl && policy.hcl() == nullptr)
            result.fail("kind", "hcl, which is taken only of who asks for it: --kind hcl, or a "
                                "section of the policy");
        if (!result.checks.empty())
            return result;
    }
    const BatchQuestion batch{.privlevel = privlevel, .format = format};
    const auto asked = batch.challenge(result, evidence, challenge);
    tsmfd::Evidence whole = evidence;
    auto asking = tsmfd::Question(files).challenge(asked.value()).chains(chains);
    if (signature && tsmfd::kind_of(evidence) == tsmfd::EvidenceKind::hcl)
        asking.signature(*signature);
    else if (signature)
        whole.auxblob = *signature;
    result.add(policy.verify(whole, asking));
    return result;
}

Result<VerifyQuestion> question_of(const VerifyWords& words) {
    VerifyQuestion question;
    if (!words.any_challenge) {
        auto challenge = tsmfd::from_hex(words.challenge);
        if (!challenge)
            return tsmfd::fail("--challenge: " + challenge.error().what, EINVAL);
        question.challenge = std::move(*challenge);
    }
    question.privlevel = words.privlevel;
    if (!words.format.empty()) {
        const auto format = tsmfd::parse_format(words.format);
        if (!format)
            return tsmfd::fail("--format " + words.format, EINVAL);
        question.format = *format;
    }
    question.options = options_of(words);
    auto policy = policy_of(words, question.options);
    if (!policy)
        return std::unexpected(std::move(policy.error()));
    question.policy = std::move(*policy);
    auto signature = optional_contents(words.signature);
    if (!signature)
        return std::unexpected(std::move(signature.error()));
    if (*signature && (*signature)->empty())
        return tsmfd::fail(words.signature + ": a signature without bytes", EBADMSG);
    question.signature = std::move(*signature);
    auto files = files_of(words);
    if (!files)
        return std::unexpected(std::move(files.error()));
    question.files = std::move(*files);
    return question;
}

} // namespace tsmctl
