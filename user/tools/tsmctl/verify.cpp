// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/hex.hpp>
#include <tsmfd/snp_verify.hpp>
#include <tsmfd/tdx_quote.hpp>
#include <tsmfd/tdx_verify.hpp>
#include <tsmfd/tpm_report.hpp>
#include <tsmfd/tpm_verify.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace tsmctl {

namespace {

using tsmfd::ByteSpan;
using tsmfd::Verification;
using Bytes = std::vector<std::uint8_t>;

struct Words {
    std::string report;
    std::string challenge;
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
    Bytes stream; // outblob and auxblob
    Bytes challenge;
    std::optional<Bytes> ak;
    std::optional<Bytes> eventlog;
    std::vector<tsmfd::ExpectedPcr> pcrs;
    Bytes roots;        // empty: none
    Bytes certificates; // empty: none
    std::optional<Bytes> measurement;
    std::optional<std::int64_t> at;
    std::optional<std::uint32_t> vmpl;
    bool debug_allowed = false;
};

tsmfd::Result<std::optional<Bytes>> optional_contents(const std::string& file) {
    if (file.empty())
        return std::nullopt;
    auto bytes = read_in(file);
    if (!bytes)
        return std::unexpected(std::move(bytes.error()));
    return std::optional(std::move(*bytes));
}

tsmfd::Result<void> read_files(Question& question, const Words& words) {
    auto ak = optional_contents(words.ak);
    auto eventlog = optional_contents(words.eventlog);
    auto roots = optional_contents(words.roots);
    auto certificates = optional_contents(words.certificates);
    for (const auto* file : {&ak, &eventlog, &roots, &certificates}) {
        if (!*file)
            return std::unexpected(file->error());
    }
    question.ak = std::move(*ak);
    question.eventlog = std::move(*eventlog);
    question.roots = std::move(*roots).value_or(Bytes{});
    question.certificates = std::move(*certificates).value_or(Bytes{});
    return {};
}

// EINVAL for words that are wrong, another errno for files that cannot be had.
tsmfd::Result<Question> question_of(const Words& words) {
    Question question;
    auto challenge = tsmfd::from_hex(words.challenge);
    if (!challenge)
        return tsmfd::fail("--challenge " + words.challenge, EINVAL);
    question.challenge = std::move(*challenge);
    for (const std::string& word : words.pcrs) {
        const auto pcr = tsmfd::ExpectedPcr::parse(word);
        if (!pcr)
            return std::unexpected(pcr.error());
        question.pcrs.push_back(*pcr);
    }

    if (!words.measurement.empty()) {
        auto measurement = tsmfd::from_hex(words.measurement);
        if (!measurement)
            return tsmfd::fail("--measurement " + words.measurement, EINVAL);
        question.measurement = std::move(*measurement);
    }
    question.at = words.at;
    question.vmpl = words.vmpl;
    question.debug_allowed = words.debug_allowed;
    if (const auto read = read_files(question, words); !read)
        return std::unexpected(read.error());
    auto file = read_in(words.report);
    if (!file)
        return std::unexpected(std::move(file.error()));
    auto stream = stream_of(std::move(*file));
    if (!stream)
        return tsmfd::fail(words.report + ": " + stream.error().what, EBADMSG);
    question.stream = std::move(*stream);
    return question;
}

Verification verify_tpm(const tsmfd::Evidence& evidence, const Question& question) {
    tsmfd::TpmPolicy policy{.challenge = question.challenge,
                            .ak = question.ak,
                            .event_log = question.eventlog,
                            .pcrs = question.pcrs};
    return tsmfd::verify_tpm(evidence, policy);
}

Verification verify_snp(const tsmfd::Evidence& evidence, const Question& question) {
    tsmfd::SnpPolicy policy;
    policy.roots = question.roots;
    policy.certificates = question.certificates;
    policy.at = question.at;
    policy.challenge = question.challenge;
    policy.measurement = question.measurement;
    policy.vmpl = question.vmpl;
    policy.debug_allowed = question.debug_allowed;
    return tsmfd::verify_snp(evidence, policy);
}

Verification verify_tdx(const tsmfd::Evidence& evidence, const Question& question) {
    tsmfd::TdxPolicy policy;
    policy.roots = question.roots;
    policy.at = question.at;
    policy.challenge = question.challenge;
    policy.mr_td = question.measurement;
    policy.debug_allowed = question.debug_allowed;
    return tsmfd::verify_tdx(evidence, policy);
}

// Of any report that this tool can verify; EOPNOTSUPP for another.
tsmfd::Result<Verification> verify(const Question& question) {
    const auto evidence = tsmfd::Evidence::of_stream(question.stream);
    if (tsmfd::is_tpm_report(evidence.outblob))
        return verify_tpm(evidence, question);
    if (tsmfd::is_tdx_quote(evidence.outblob))
        return verify_tdx(evidence, question);
    if (tsmfd::parse_snp_report(evidence.outblob))
        return verify_snp(evidence, question);
    return tsmfd::fail("verify a report that is none of a TPM, of SEV-SNP or of TDX", EOPNOTSUPP);
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
            return report_usage(question.error().message());
        return report_unreadable(question.error());
    }
    const auto verification = verify(*question);
    if (!verification)
        return report_failure(
            {words.report + ": " + verification.error().what, verification.error().code});
    print(*verification, words.json);
    return verification->ok() ? done : failed;
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
    command->add_option("--ak", words->ak, "The key it is to be of: a TPM2B_PUBLIC, or PEM")
        ->type_name("F");
    command
        ->add_option("--eventlog", words->eventlog,
                     "What firmware measured (the auxblob's, if it has one)")
        ->type_name("F");
    command->add_option("--expect-pcr", words->pcrs, "What a PCR is to be; again for another")
        ->type_name("[HASH:]N=HEX");
    command
        ->add_option("--roots", words->roots, "Certificates to trust: AMD's ARK, Intel's SGX root")
        ->type_name("F");
    command
        ->add_option("--certs", words->certificates,
                     "VCEK or VLEK, and ASK, beside those that come along")
        ->type_name("F");
    command->add_option("--at", words->at, "The time to check certificates at (now)")
        ->type_name("SECONDS");
    command->add_option("--measurement", words->measurement, "MEASUREMENT, or MRTD, is to be this")
        ->type_name("HEX");
    command->add_option("--vmpl", words->vmpl, "VMPL is to be this");
    command->add_flag("--allow-debug", words->debug_allowed,
                      "The host may be able to read the guest");
    command->add_flag("--json", words->json, "As JSON");
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
