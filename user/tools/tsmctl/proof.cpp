// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/evidence/proof.hpp>
#include <tsmfd/hex.hpp>

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

struct Words {
    std::string file;
    std::string challenge;
    std::uint32_t privlevel = 0;
    std::string format = "default";
    bool json = false;
};

tsmfd::Result<tsmfd::BatchedChallenge> asked_of(const Words& words) {
    const auto bytes = tsmfd::from_hex(words.challenge);
    if (!bytes)
        return std::unexpected(bytes.error());
    const auto inblob = tsmfd::Inblob::from(*bytes);
    if (!inblob)
        return std::unexpected(inblob.error());
    return tsmfd::BatchedChallenge{
        .inblob = *inblob,
        .privlevel = words.privlevel,
        .format = tsmfd::parse_format(words.format).value_or(tsmfd::Format::plain)};
}

// What was verified, as text or JSON; an error if it does not hold.
tsmfd::Result<Json> verify(const tsmfd::BatchedChallenge& asked, tsmfd::ByteSpan stream) {
    const auto answer = tsmfd::split_batch(stream);
    if (!answer)
        return std::unexpected(answer.error());
    const auto report_data = tsmfd::report_data_of(answer->outblob);
    if (!report_data)
        return tsmfd::fail("the outblob is no report with a challenge", EBADMSG);
    if (const auto proven = tsmfd::verify_batch(asked, answer->proof, *report_data); !proven)
        return std::unexpected(proven.error());
    return Json{{"leaf_index", answer->proof.leaf_index},
                {"tree_size", answer->proof.tree_size},
                {"leaf", tsmfd::to_hex(tsmfd::batch_leaf(asked))},
                {"root", tsmfd::to_hex(*report_data)}};
}

int run(const Words& words) {
    const auto asked = asked_of(words);
    if (!asked)
        return report_usage(asked.error().message());

    const auto stream = read_report(words.file);
    if (!stream)
        return report_unreadable(stream.error());
    const auto verified = verify(*asked, *stream);
    if (!verified)
        return report_failure({words.file + ": " + verified.error().what, verified.error().code});
    if (words.json)
        fmt::print("{}\n", json_text(*verified));
    else
        fmt::print("{}the challenge is in the report's batch; the report's signature is not "
                   "looked at here\n",
                   text_of(*verified));
    return done;
}

} // namespace

void add_verify_proof(CLI::App& app, int& status) {
    auto words = std::make_shared<Words>();
    CLI::App* command = app.add_subcommand(
        "verify-proof", "Verify that a challenge is in the batch that a report is for");
    command
        ->add_option("file", words->file,
                     "What report --batch gave: bytes, hexadecimal, base64 or JSON; - is stdin")
        ->required();
    command->add_option("--challenge,--inblob", words->challenge, "What was asked, in hexadecimal")
        ->type_name("HEX")
        ->required();
    command
        ->add_option("--privlevel", words->privlevel,
                     "As asked, or the provider's floor if none was (0)")
        ->type_name("N");
    command->add_option("--format", words->format, "As asked: default or extended")
        ->check(CLI::IsMember({"default", "extended"}));
    command->add_flag("--json", words->json, "As JSON");
    refuse_empty_words(*command);
    command->callback([words, &status] { status = run(*words); });
}

} // namespace tsmctl
