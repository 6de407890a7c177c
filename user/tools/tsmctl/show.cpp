// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

int run(const std::string& file, bool json) {
    const auto stream = read_report(file);
    if (!stream)
        return report_unreadable(stream.error());
    const auto document = document_of(tsmfd::Evidence::of_stream(*stream));
    if (!document)
        return report_failure({file + ": " + document.error().what, document.error().code});
    fmt::print("{}", json ? json_text(*document) + '\n' : text_of(*document));
    return done;
}

} // namespace

void add_show(CLI::App& app, int& status) {
    auto file = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("show", "Show a report field by field");
    command
        ->add_option("file", *file,
                     "What report gave: bytes, hexadecimal, base64 or JSON; - is stdin")
        ->required();
    command->add_flag("--json", *json, "As JSON");
    refuse_empty_words(*command);
    command->callback([file, json, &status] { status = run(*file, *json); });
}

} // namespace tsmctl
