// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/evidence/event_log.hpp>
#include <tsmfd/evidence/tpm_aux.hpp>
#include <tsmfd/evidence/tpm_report.hpp>
#include <tsmfd/hex.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

using tsmfd::ByteSpan;
using tsmfd::EventLog;
using tsmfd::TpmHash;
using Bytes = std::vector<std::uint8_t>;

constexpr auto default_file = "/sys/kernel/security/tpm0/binary_bios_measurements";

struct Words {
    std::string file = default_file;
    std::string bank; // empty: the log's usual one
    bool json = false;
};

// The log in a file, which may be one, or a report that brings one along.
tsmfd::Result<Bytes> log_in(Bytes file) {
    auto stream = stream_of(file);
    if (!stream || !tsmfd::is_tpm_report(*stream))
        return file;
    const auto evidence = tsmfd::Evidence::of_stream(*stream);
    const auto aux = tsmfd::parse_tpm_aux(evidence.auxblob);
    if (!aux)
        return tsmfd::fail("find an event log; was the report's format extended?", ENODATA);
    return Bytes(aux->event_log.begin(), aux->event_log.end());
}

// "rtmr0", or "4"; a TD has four, and nothing is extended by what a log has of others.
std::string name_of(const EventLog& log, std::uint32_t number) {
    if (log.registers() == tsmfd::EventRegisters::pcr)
        return std::to_string(number);
    return number >= 1 && number <= 4 ? fmt::format("rtmr{}", number - 1)
                                      : fmt::format("none ({})", number);
}

Json document_of(const EventLog& log, TpmHash hash, const tsmfd::PcrBank& bank) {
    const bool is_tpms = log.registers() == tsmfd::EventRegisters::pcr;
    Json events = Json::array();
    for (const tsmfd::TpmEvent& event : log.events())
        events.push_back({{is_tpms ? "pcr" : "register", event.pcr},
                          {"type", tsmfd::event_type_name(event.type)},
                          {"digest", tsmfd::to_hex(event.digest(hash))},
                          {"data_is_measured", tsmfd::data_is_measured(event)},
                          {"text", tsmfd::describe(event)},
                          {"data", tsmfd::to_hex(event.data)}});
    Json values = Json::object();
    for (std::uint32_t number = 0; number < bank.values.size(); ++number) {
        const bool is_one = is_tpms || (number >= 1 && number <= 4);
        if (is_one && (bank.measured >> number & 1U) != 0)
            values[name_of(log, number)] = tsmfd::to_hex(bank.values[number].bytes());
    }
    return {{"bank", tsmfd::tpm_hash_name(hash)},
            {"events", events},
            {is_tpms ? "pcrs" : "rtmrs", values}};
}

// A "=" says that the digest is of the data, which are then as sure as it is.
void print(const EventLog& log, const Json& document) {
    const bool is_tpms = document.contains("pcrs");
    fmt::print("{:>5}  {:<32}    {:<16}  {}\n", is_tpms ? "PCR" : "RTMR", "EVENT", "DIGEST",
               "DATA");
    for (const Json& event : document["events"])
        fmt::print("{:>5}  {:<32}  {} {:.16}  {}\n",
                   name_of(log, event[is_tpms ? "pcr" : "register"].get<std::uint32_t>()),
                   event["type"].get<std::string>(),
                   event["data_is_measured"].get<bool>() ? '=' : ' ',
                   event["digest"].get<std::string>(), event["text"].get<std::string>());
    fmt::print("\nwhich makes, of {}:\n", document["bank"].get<std::string>());
    for (const auto& [name, value] : document[is_tpms ? "pcrs" : "rtmrs"].items())
        fmt::print("{:>5}  {}\n", name, value.get<std::string>());
}

int run(const Words& words) {
    auto bytes = read_in(words.file);
    if (!bytes)
        return report_unreadable(bytes.error());
    const auto fail = [&](const tsmfd::Error& error) {
        fmt::print(stderr, "tsmctl: {}: {}\n", words.file, error.message());
        return failed;
    };
    const auto log_bytes = log_in(std::move(*bytes));
    if (!log_bytes)
        return fail(log_bytes.error());
    const auto log = EventLog::parse(*log_bytes);
    if (!log)
        return fail(log.error());
    const auto hash = words.bank.empty() ? log->usual_hash() : tsmfd::tpm_hash_by_name(words.bank);
    if (!hash)
        return fail({"replay an event log of no hash that can be computed here", EOPNOTSUPP});
    const auto bank = log->replay(*hash);
    if (!bank)
        return fail(bank.error());
    const Json document = document_of(*log, *hash, *bank);
    if (words.json)
        fmt::print("{}\n", json_text(document));
    else
        print(*log, document);
    return done;
}

} // namespace

void add_eventlog(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command =
        app.add_subcommand("eventlog", "Show what firmware measured, and replay it");
    command->add_option(
        "file", words->file,
        "An event log: of a TPM, a TD's CCEL, or in an extended report of a TPM; - is stdin (this "
        "machine's TPM's)");
    command
        ->add_option("--bank", words->bank,
                     "The hash to show digests and registers by (sha256, or what the log has)")
        ->check(CLI::IsMember({"sha1", "sha256", "sha384", "sha512", "sm3_256"}));
    command->add_flag("--json", words->json, "As JSON, with whole digests and data");
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
