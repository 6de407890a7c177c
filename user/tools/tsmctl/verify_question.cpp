// SPDX-License-Identifier: MIT
#include "verify_question.hpp"

#include "command.hpp"

#include <tsmfd/hex.hpp>

#include <utility>

namespace tsmctl {

namespace {

using tsmfd::Policy;
using tsmfd::Result;
using Bytes = VerifyQuestion::Bytes;

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

// Without a file of it: of every kind, with what the words say of each.
Result<Policy> policy_of(const VerifyWords& words) {
    if (!words.policy.empty())
        return Policy::read(words.policy);
    Policy policy{.snp = Policy::Snp{}, .tdx = Policy::Tdx{}, .tpm = Policy::Tpm{}};
    if (!words.measurement.empty()) {
        auto measurement = tsmfd::from_hex(words.measurement);
        if (!measurement)
            return tsmfd::fail("--measurement " + words.measurement, EINVAL);
        policy.snp->measurements = policy.tdx->mr_td = {std::move(*measurement)};
    }
    policy.snp->vmpl = words.vmpl;
    policy.snp->debug_allowed = policy.tdx->debug_allowed = words.debug_allowed;
    for (const std::string& word : words.pcrs) {
        const auto pcr = tsmfd::ExpectedPcr::parse(word);
        if (!pcr)
            return std::unexpected(pcr.error());
        policy.tpm->pcrs.push_back(*pcr);
    }
    auto ak = optional_contents(words.ak);
    if (!ak)
        return std::unexpected(std::move(ak.error()));
    if (*ak)
        policy.tpm->keys.push_back(std::move(**ak));
    policy.tpm->any_key = policy.tpm->keys.empty();
    return policy;
}

} // namespace

Policy::Question VerifyQuestion::of_library() const {
    return {.challenge = challenge,
            .at = at,
            .roots = roots,
            .certificates = certificates,
            .event_log = eventlog,
            .qe_identity = qe_identity,
            .collateral = collateral};
}

Result<VerifyQuestion> question_of(const VerifyWords& words) {
    VerifyQuestion question;
    if (!words.any_challenge) {
        auto challenge = tsmfd::from_hex(words.challenge);
        if (!challenge)
            return tsmfd::fail("--challenge " + words.challenge, EINVAL);
        question.challenge = std::move(*challenge);
    }
    question.at = words.at;

    auto policy = policy_of(words);
    if (!policy)
        return std::unexpected(std::move(policy.error()));
    question.policy = std::move(*policy);

    auto identity = identity_of(words.qe_identity);
    if (!identity)
        return std::unexpected(std::move(identity.error()));
    question.qe_identity = std::move(*identity);
    auto collateral = collateral_of(words.collateral);
    if (!collateral)
        return std::unexpected(std::move(collateral.error()));
    question.collateral = std::move(*collateral);
    auto eventlog = optional_contents(words.eventlog);
    auto roots = optional_contents(words.roots);
    auto certificates = optional_contents(words.certificates);
    for (const auto* file : {&eventlog, &roots, &certificates}) {
        if (!*file)
            return std::unexpected(file->error());
    }
    question.eventlog = std::move(*eventlog);
    question.roots = std::move(*roots).value_or(Bytes{});
    question.certificates = std::move(*certificates).value_or(Bytes{});
    return question;
}

} // namespace tsmctl
