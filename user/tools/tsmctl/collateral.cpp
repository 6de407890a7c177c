// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/evidence/evidence_kind.hpp>
#include <tsmfd/evidence/hcl_report.hpp>
#include <tsmfd/evidence/snp_collateral.hpp>
#include <tsmfd/evidence/tdx_addresses.hpp>

#include <array>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace tsmctl {

namespace {

struct Words {
    std::string file;
    std::string product;
};

// As AMD's certificates have it.
std::string product_of(const std::string& word) {
    for (const auto& [name, product] :
         {std::pair{"milan", "Milan"}, std::pair{"genoa", "Genoa"}, std::pair{"turin", "Turin"}}) {
        if (word == name)
            return product;
    }
    return {};
}

int print_snp(const Words& words, const tsmfd::Evidence& evidence) {
    const auto needed = tsmfd::snp_collateral(evidence, product_of(words.product));
    if (!needed) {
        const char* advice = needed.error().code == ENODATA ? "; say --product" : "";
        return report_failure(
            {fmt::format("{}: {}{}", words.file, needed.error().what, advice), EBADMSG});
    }
    for (const std::string& address : needed->addresses)
        fmt::print("{}\n", address);
    for (const std::string& missing : needed->missing)
        fmt::print(stderr, "tsmctl: {}: no address of {}\n", words.file, missing);
    return done;
}

int print_tdx(const Words& words, const tsmfd::Evidence& evidence) {
    const auto addresses = tsmfd::tdx_addresses(evidence.outblob);
    if (!addresses)
        return report_failure({words.file + ": " + addresses.error().what, addresses.error().code});
    for (const tsmfd::Address& address : *addresses)
        fmt::print("{}\n", address.url);
    return done;
}

// Of the hardware's report inside.
int print_hcl(const Words& words, const tsmfd::Evidence& evidence) {
    const auto report = tsmfd::parse_hcl_report(evidence.outblob);
    if (!report)
        return report_failure({words.file + ": " + report.error().what, report.error().code});
    if (report->hardware_kind == tsmfd::HclHardware::snp)
        return print_snp(words, {.outblob = report->hardware, .auxblob = {}});
    return report_failure({words.file + ": a TDREPORT does not say of which platform it is; the "
                                        "quote that is made of it does",
                           EOPNOTSUPP});
}

int run(const Words& words) {
    const auto stream = read_report(words.file);
    if (!stream)
        return report_unreadable(stream.error());
    const auto evidence = tsmfd::Evidence::of_stream(*stream);
    const auto kind = tsmfd::kind_of(evidence);
    if (kind == tsmfd::EvidenceKind::snp)
        return print_snp(words, evidence);
    if (kind == tsmfd::EvidenceKind::tdx)
        return print_tdx(words, evidence);
    if (kind == tsmfd::EvidenceKind::hcl)
        return print_hcl(words, evidence);
    if (!kind)
        return report_failure({words.file + ": " + what_it_is_not(evidence.outblob), EBADMSG});
    return report_failure(
        {fmt::format("{}: find addresses for evidence of {}", words.file, tsmfd::kind_name(*kind)),
         EOPNOTSUPP});
}

} // namespace

void add_collateral(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand(
        "collateral", "Print the addresses of what a verifier needs, one a line, for curl");
    command
        ->add_option("file", words->file,
                     "What report gave: bytes, hexadecimal, base64 or JSON; - is stdin")
        ->required();
    command
        ->add_option("--product", words->product,
                     "Of SEV-SNP, where the report does not say: milan, genoa or turin")
        ->check(CLI::IsMember({"milan", "genoa", "turin"}));
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
