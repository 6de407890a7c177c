// SPDX-License-Identifier: MIT
#include "command.hpp"
#include "document.hpp"

#include <tsmfd/names.hpp>
#include <tsmfd/netlink.hpp>

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace tsmctl {

namespace {

std::string line_of(const tsmfd::ProviderInfo& provider) {
    std::vector<std::string_view> formats;
    for (const tsmfd::Format format : {tsmfd::Format::plain, tsmfd::Format::extended}) {
        if (provider.gives(format))
            formats.push_back(tsmfd::format_name(format));
    }
    const std::string levels =
        provider.has_privlevels()
            ? fmt::format("{}-{}", provider.privlevel_floor, provider.privlevel_max)
            : "-";
    return fmt::format("{:<8} {:<16} {:<10} {:<17} {:>7} {:>7} {:>8}\n",
                       tsmfd::device_name(provider.index), provider.name, levels,
                       fmt::format("{}", fmt::join(formats, ",")), provider.outblob_max,
                       provider.auxblob_max, provider.max_inflight);
}

int run(bool json) {
    auto netlink = tsmfd::Netlink::open();
    const auto all =
        netlink ? netlink->providers()
                : tsmfd::Result<std::vector<tsmfd::ProviderInfo>>(std::unexpected(netlink.error()));
    if (!all && all.error().code != ENOENT)
        return report_failure(all.error());

    Json document = Json::array();
    std::string text =
        fmt::format("{:<8} {:<16} {:<10} {:<17} {:>7} {:>7} {:>8}\n", "DEVICE", "PROVIDER",
                    "PRIVLEVELS", "FORMATS", "OUTBLOB", "AUXBLOB", "INFLIGHT");
    if (all) {
        for (const tsmfd::ProviderInfo& provider : *all) {
            document.push_back(document_of(provider));
            text += line_of(provider);
        }
    }
    if (json)
        fmt::print("{}\n", json_text({{"providers", document}}));
    if (document.empty())
        return report_no_provider();
    if (!json)
        fmt::print("{}", text);
    return done;
}

} // namespace

void add_providers(CLI::App& app, int& status) {
    auto json = std::make_shared<bool>(false);
    CLI::App* command = app.add_subcommand("providers", "Who makes reports here");
    command->add_flag("--json", *json, "As JSON, with all there is to know of each");
    refuse_empty_words(*command);
    command->callback([json, &status] { status = run(*json); });
}

} // namespace tsmctl
