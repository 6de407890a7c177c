// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"
#include "verify_question.hpp"

#include <tsmfd/printable.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::Check;
using tsmfd::Result;
using tsmfd::Verification;
using Bytes = std::vector<std::uint8_t>;

Json document_of(const std::string& file, const Verification& verification) {
    Json checks = Json::array();
    for (const Check& check : verification.checks)
        checks.push_back({{"check", check.name},
                          {"outcome", tsmfd::outcome_name(check.outcome)},
                          {"detail", check.detail}});
    Json json = {{"file", file}, {"ok", verification.ok()}, {"checks", checks}};
    if (verification.tcb)
        json["tcb"] = {{"status", verification.tcb->status},
                       {"advisories", verification.tcb->advisories}};
    return json;
}

// Of kinds whose vendor says which versions are up to date.
std::string tcb_text(const Verification& verification) {
    return verification.tcb ? "; TCB " + verification.tcb->status : "";
}

void print(const Verification& verification) {
    for (const Check& check : verification.checks)
        fmt::print("{:<6}  {:<14}  {}\n", tsmfd::outcome_name(check.outcome), check.name,
                   check.detail);
    fmt::print("{}{}\n", verification.ok() ? "the report holds" : "the report does NOT hold",
               tcb_text(verification));
}

// A file that cannot be read is one that does not hold.
Verification verify_file(const std::string& file, const VerifyQuestion& question,
                         tsmfd::ChainCache& chains) {
    Verification verification;
    const auto report = read_report(file);
    if (!report) {
        verification.fail("file", report.error().message());
        return verification;
    }
    return question.judge(tsmfd::Evidence::of_stream(*report), &chains);
}

// By as many threads as there are processors.
std::vector<Verification> verify_files(const std::vector<std::string>& files,
                                       const VerifyQuestion& question) {
    std::vector<Verification> all(files.size());
    tsmfd::ChainCache chains;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < files.size(); i = next++)
            all[i] = verify_file(files[i], question, chains);
    };
    {
        std::vector<std::jthread> others;
        const auto processors = std::max(1U, std::thread::hardware_concurrency());
        const auto threads = std::min<std::size_t>(processors, files.size());
        for (std::size_t i = 1; i < threads; ++i)
            others.emplace_back(work);
        work();
    }
    return all;
}

// "report.bin: does NOT hold: chain: SEV-VCEK: certificate has expired; debug: ..."
std::string line_of(const std::string& file, const Verification& verification) {
    if (verification.ok())
        return tsmfd::printable(file) + ": holds" + tcb_text(verification);
    const std::string why = verification.failures();
    return fmt::format("{}: does NOT hold{}{}", tsmfd::printable(file), why.empty() ? "" : ": ",
                       why);
}

// The same shape for one file and for many, and for those that cannot be read.
std::string json_of(const std::vector<std::string>& files, const std::vector<Verification>& all) {
    Json reports = Json::array();
    for (std::size_t i = 0; i < all.size(); ++i)
        reports.push_back(document_of(files[i], all[i]));
    return json_text({{"ok", std::ranges::all_of(all, &Verification::ok)}, {"reports", reports}});
}

int run_many(const VerifyWords& words, const VerifyQuestion& question) {
    const std::vector<Verification> all = verify_files(words.reports, question);
    if (words.json)
        fmt::print("{}\n", json_of(words.reports, all));
    for (std::size_t i = 0; i < all.size() && !words.json; ++i)
        fmt::print("{}\n", line_of(words.reports[i], all[i]));
    return std::ranges::all_of(all, &Verification::ok) ? done : failed;
}

int run_one(const VerifyWords& words, const VerifyQuestion& question) {
    const auto report = read_report(words.reports.front());
    if (!report)
        return report_unreadable(report.error());
    const Verification verification = question.judge(tsmfd::Evidence::of_stream(*report), nullptr);
    print(verification);
    return verification.ok() ? done : failed;
}

int run(const VerifyWords& words) {
    const auto question = question_of(words);
    if (!question) {
        if (question.error().code == EINVAL)
            return report_usage(question.error().what);
        return report_unreadable(question.error());
    }
    return words.reports.size() == 1 && !words.json ? run_one(words, *question)
                                                    : run_many(words, *question);
}

} // namespace

namespace {

void add_challenge(CLI::App& command, VerifyWords& words) {
    auto* challenge = command.add_option_group("challenge");
    challenge
        ->add_option("--challenge,--inblob", words.challenge, "The inblob that it is to answer")
        ->type_name("HEX");
    challenge->add_flag("--any-challenge", words.any_challenge,
                        "Whatever it answers: it may have been made at any time, for anybody");
    challenge->require_option(1);
    command
        .add_option("--privlevel", words.privlevel,
                    "Of a batch's report: as asked, or the provider's floor if none was (0)")
        ->type_name("N");
    command
        .add_option("--format", words.format,
                    "Of a batch's report: as asked (extended, if there is an auxblob)")
        ->check(CLI::IsMember({"default", "extended"}));
}

// What may stand beside a policy.
void add_files(CLI::App& command, VerifyWords& words) {
    command
        .add_option("--eventlog", words.eventlog,
                    "What firmware measured (the auxblob's, if it has one)")
        ->type_name("F");
    command
        .add_option("--quote", words.quotes,
                    "For an HCL report: the TPM's quote as tpm2_quote writes it, or the TDX quote "
                    "made of it; again for the other")
        ->type_name("F")
        ->allow_extra_args(false);
    command
        .add_option("--signature", words.signature,
                    "Of a quote as tpm2_quote writes it: its signature, plain or marshalled")
        ->type_name("F");
    command
        .add_option("--roots", words.roots,
                    "Certificates to trust: AMD's ARK, Intel's SGX root; again for another file")
        ->type_name("F")
        ->allow_extra_args(false);
    command
        .add_option("--certs", words.certificates,
                    "VCEK or VLEK, and ASK, beside those that come along; again for another file")
        ->type_name("F")
        ->allow_extra_args(false);
    command
        .add_option("--crl", words.crls,
                    "Revocation lists, beside those that come along; again for another file")
        ->type_name("F")
        ->allow_extra_args(false);
    command
        .add_option("--qe-identity", words.qe_identity,
                    "For TDX: whose quoting enclave it is to be (Intel's), as JSON")
        ->type_name("F");
    command
        .add_option("--collateral", words.collateral,
                    "For TDX: Intel's TCB info, QE identity, their chains and CRLs, in any order")
        ->type_name("F...");
    command.add_option("--at", words.at, "The time to check certificates at (now)")
        ->type_name("SECONDS");
}

// What a policy has to say, if there is one.
void add_expectations(CLI::App& command, VerifyWords& words) {
    CLI::Option* policy =
        command.add_option("--policy", words.policy, "What it is to be, as JSON")->type_name("F");
    for (CLI::Option* option :
         {command
              .add_option("--kind", words.kind,
                          "What it is to be: snp, tdx, tpm or hcl (as the other options decide; an "
                          "HCL report, of an Azure confidential VM, is never taken unasked)")
              ->check(CLI::IsMember({"snp", "tdx", "tpm", "hcl"})),
          command
              .add_option("--ak", words.ak,
                          "The key it is to be of: a TPM2B_PUBLIC (in hexadecimal, too), or PEM")
              ->type_name("F"),
          command.add_option("--expect-pcr", words.pcrs, "What a PCR is to be; again for another")
              ->type_name("[HASH:]N=HEX")
              ->allow_extra_args(false),
          command
              .add_option("--measurement", words.measurement, "MEASUREMENT, or MRTD, is to be this")
              ->type_name("HEX"),
          command.add_option("--vmpl", words.vmpl, "VMPL is to be this"),
          command.add_flag("--allow-debug", words.debug_allowed,
                           "The host may be able to read the guest"),
          command.add_flag("--allow-migration", words.migration_allowed,
                           "An agent may be able to move the guest")})
        option->excludes(policy);
}

} // namespace

void add_verify(CLI::App& app, int& status) {
    auto words = std::make_shared<VerifyWords>();
    CLI::App* command = app.add_subcommand(
        "verify", "Verify a report of a TPM, of SEV-SNP, of TDX or of Azure's HCL");
    command
        ->add_option("file", words->reports,
                     "What report gave: bytes, hexadecimal, base64 or JSON; - is stdin. A line for "
                     "each, if there are several")
        ->required();
    add_challenge(*command, *words);
    add_files(*command, *words);
    add_expectations(*command, *words);
    command->add_flag("--json", words->json, "As JSON");
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
