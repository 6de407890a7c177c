// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"
#include "files.hpp"

#include <tsmfd/hex.hpp>
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
    bool json = false;
};

// What the words come to, once files are read.
struct Question {
    Bytes stream; // outblob and auxblob
    Bytes challenge;
    std::optional<Bytes> ak;
    std::optional<Bytes> eventlog;
    std::vector<tsmfd::ExpectedPcr> pcrs;
};

tsmfd::Result<Bytes> contents(const std::string& file) {
    Bytes buffer;
    const auto bytes = stress::read_file(file == "-" ? "/dev/stdin" : file, buffer);
    if (!bytes)
        return std::unexpected(bytes.error());
    return Bytes(bytes->begin(), bytes->end());
}

tsmfd::Result<std::optional<Bytes>> optional_contents(const std::string& file) {
    if (file.empty())
        return std::nullopt;
    auto bytes = contents(file);
    if (!bytes)
        return std::unexpected(std::move(bytes.error()));
    return std::optional(std::move(*bytes));
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

    auto ak = optional_contents(words.ak);
    if (!ak)
        return std::unexpected(std::move(ak.error()));
    question.ak = std::move(*ak);
    auto eventlog = optional_contents(words.eventlog);
    if (!eventlog)
        return std::unexpected(std::move(eventlog.error()));
    question.eventlog = std::move(*eventlog);

    auto file = contents(words.report);
    if (!file)
        return std::unexpected(std::move(file.error()));
    auto stream = stream_of(std::move(*file));
    if (!stream)
        return tsmfd::fail(words.report + ": " + stream.error().what, EBADMSG);
    question.stream = std::move(*stream);
    return question;
}

// Of any report that this tool can verify; EOPNOTSUPP for another.
tsmfd::Result<Verification> verify(const Question& question) {
    const auto evidence = tsmfd::Evidence::of_stream(question.stream);
    if (tsmfd::is_tpm_report(evidence.outblob)) {
        tsmfd::TpmPolicy policy{.challenge = question.challenge,
                                .ak = question.ak,
                                .event_log = question.eventlog,
                                .pcrs = question.pcrs};
        return tsmfd::verify_tpm(evidence, policy);
    }
    return tsmfd::fail("verify a report that is not a TPM's", EOPNOTSUPP);
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
        // A missing file is no missing provider.
        fmt::print(stderr, "tsmctl: {}\n", question.error().message());
        return failed;
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
    CLI::App* command = app.add_subcommand("verify", "Verify a report of a TPM");
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
    command->add_flag("--json", words->json, "As JSON");
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
