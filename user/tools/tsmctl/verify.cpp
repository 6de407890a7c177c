// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/policy.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace tsmctl {

namespace {

using tsmfd::Policy;
using tsmfd::Result;
using tsmfd::Verification;
using Bytes = std::vector<std::uint8_t>;

struct Words {
    std::string report;
    std::string challenge;
    std::string policy;
    std::string ak;
    std::string eventlog;
    std::vector<std::string> pcrs;
    std::string roots;
    std::string certificates;
    std::string measurement;
    std::optional<std::int64_t> at;
    std::optional<std::uint32_t> vmpl;
    bool debug_allowed = false;
    bool json = false;
};

// What the words come to, once files are read.
struct Question {
    Policy policy;
    Bytes challenge;
    std::optional<Bytes> eventlog;
    Bytes roots;        // empty: none
    Bytes certificates; // empty: none
    std::optional<std::int64_t> at;

    [[nodiscard]] Policy::Question of_library() const {
        return {.challenge = challenge,
                .at = at,
                .roots = roots,
                .certificates = certificates,
                .event_log = eventlog};
    }
};

Result<std::optional<Bytes>> optional_contents(const std::string& file) {
    if (file.empty())
        return std::nullopt;
    auto bytes = read_in(file);
    if (!bytes)
        return std::unexpected(std::move(bytes.error()));
    return std::optional(std::move(*bytes));
}

// Without a file of it: of every kind, with what the words say of each.
Result<Policy> policy_of(const Words& words) {
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

// EINVAL for words that are wrong, another errno for files that cannot be had.
Result<Question> question_of(const Words& words) {
    Question question;
    auto challenge = tsmfd::from_hex(words.challenge);
    if (!challenge)
        return tsmfd::fail("--challenge " + words.challenge, EINVAL);
    question.challenge = std::move(*challenge);
    question.at = words.at;

    auto policy = policy_of(words);
    if (!policy)
        return std::unexpected(std::move(policy.error()));
    question.policy = std::move(*policy);

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

// Outblob and auxblob.
Result<Bytes> read_report(const std::string& name) {
    auto file = read_in(name);
    if (!file)
        return std::unexpected(std::move(file.error()));
    auto stream = stream_of(std::move(*file));
    if (!stream)
        return tsmfd::fail(name + ": " + stream.error().what, EBADMSG);
    return stream;
}

void print(const Verification& verification, bool json) {
    Json document = Json::array();
    for (const tsmfd::Check& check : verification.checks) {
        const std::string_view outcome = tsmfd::outcome_name(check.outcome);
        if (json)
            document.push_back(
                {{"check", check.name}, {"outcome", outcome}, {"detail", check.detail}});
        else
            fmt::print("{:<6}  {:<14}  {}\n", outcome, check.name, check.detail);
    }
    if (json)
        fmt::print("{}\n", Json{{"ok", verification.ok()}, {"checks", document}}.dump(2));
    else
        fmt::print("{}\n", verification.ok() ? "the report holds" : "the report does NOT hold");
}

int run(const Words& words) {
    const auto question = question_of(words);
    if (!question) {
        if (question.error().code == EINVAL)
            return report_usage(question.error().what);
        return report_unreadable(question.error());
    }
    const auto report = read_report(words.report);
    if (!report)
        return report_unreadable(report.error());
    const Verification verification =
        question->policy.verify(tsmfd::Evidence::of_stream(*report), question->of_library());
    print(verification, words.json);
    return verification.ok() ? done : failed;
}

} // namespace

void add_verify(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command =
        app.add_subcommand("verify", "Verify a report of a TPM, of SEV-SNP or of TDX");
    command
        ->add_option("file", words->report,
                     "What report gave: bytes, hexadecimal or JSON; - is stdin")
        ->required();
    command->add_option("--challenge", words->challenge, "The inblob that it is to answer")
        ->type_name("HEX")
        ->required();
    CLI::Option* policy =
        command->add_option("--policy", words->policy, "What it is to be, as JSON")->type_name("F");
    const auto instead_of_policy = [policy](CLI::Option* option) {
        return option->excludes(policy);
    };
    instead_of_policy(
        command->add_option("--ak", words->ak, "The key it is to be of: a TPM2B_PUBLIC, or PEM")
            ->type_name("F"));
    command
        ->add_option("--eventlog", words->eventlog,
                     "What firmware measured (the auxblob's, if it has one)")
        ->type_name("F");
    instead_of_policy(
        command->add_option("--expect-pcr", words->pcrs, "What a PCR is to be; again for another")
            ->type_name("[HASH:]N=HEX"));
    command
        ->add_option("--roots", words->roots, "Certificates to trust: AMD's ARK, Intel's SGX root")
        ->type_name("F");
    command
        ->add_option("--certs", words->certificates,
                     "VCEK or VLEK, and ASK, beside those that come along")
        ->type_name("F");
    command->add_option("--at", words->at, "The time to check certificates at (now)")
        ->type_name("SECONDS");
    instead_of_policy(
        command
            ->add_option("--measurement", words->measurement, "MEASUREMENT, or MRTD, is to be this")
            ->type_name("HEX"));
    instead_of_policy(command->add_option("--vmpl", words->vmpl, "VMPL is to be this"));
    instead_of_policy(command->add_flag("--allow-debug", words->debug_allowed,
                                        "The host may be able to read the guest"));
    command->add_flag("--json", words->json, "As JSON");
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
